import { routeSync } from '@durable-sync/server'
import type { BenchEnv } from './env.ts'
import { shelvesOf } from './table.ts'

export { BareRoom } from './bare-room.ts'
export { ShelfRoom } from './shelf-room.ts'
export { SyncedRoom } from './synced-room.ts'

const BARE = /^\/bare\/([\w-]+)$/
/** Of pages in a browser of the bench. */
const origins = (origin: string): boolean => origin.startsWith('http://127.0.0.1:')
const CONTROL = /^\/control\/(product|floor)\/([\w-]+)\/(\w+)$/

const syncedRooms = (env: BenchEnv, room: string) =>
  shelvesOf(room) === undefined ? env.SYNCED : env.SHELVES

async function control(request: Request, env: BenchEnv): Promise<Response | undefined> {
  const [, side, room = '', verb = ''] = CONTROL.exec(new URL(request.url).pathname) ?? []
  if (side === undefined) return undefined
  const args = await request.text()
  try {
    const answer =
      side === 'product'
        ? await syncedRooms(env, room).getByName(room).control(verb, args)
        : await env.BARE.getByName(room).control(verb, args)
    return new Response(answer)
  } catch (error) {
    return new Response(error instanceof Error ? error.message : String(error), { status: 500 })
  }
}

export default {
  async fetch(request: Request, env: BenchEnv): Promise<Response> {
    const url = new URL(request.url)
    const [, bare] = BARE.exec(url.pathname) ?? []
    if (bare !== undefined) return env.BARE.getByName(bare).fetch(request)
    const answer =
      (await control(request, env)) ??
      (await routeSync(request, {
        namespace: syncedRooms(env, url.pathname.split('/').at(-1) ?? ''),
        origins,
        authenticate: () => ({ userId: url.searchParams.get('user') ?? '' }),
      }))
    return answer ?? new Response('the bench has no such path', { status: 404 })
  },
}

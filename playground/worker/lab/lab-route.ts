import type { Env } from '../worker.ts'

const ROOM = /^[\w-]{1,64}$/

/**
 * What the lab asks of an object past sync: `GET /lab/meter` and `POST /lab/restart`, with `?page=` and `?room=`. Undefined when the path is
 * another one.
 */
export async function labRoute(request: Request, env: Env): Promise<Response | undefined> {
  const { pathname, searchParams, origin } = new URL(request.url)
  if (!pathname.startsWith('/lab/')) return undefined
  const objects = objectsOf(env, searchParams.get('page'))
  const room = searchParams.get('room') ?? ''
  if (!objects || !ROOM.test(room)) return new Response('No such room', { status: 404 })
  const object = objects.get(objects.idFromName(room))
  if (pathname === '/lab/meter' && request.method === 'GET')
    return Response.json(await object.readMeter(), { headers: { 'cache-control': 'no-store' } })
  if (pathname === '/lab/restart' && request.method === 'POST') {
    // Pages of other sites can send this, too.
    if (request.headers.get('origin') !== origin) return new Response('Not from here', { status: 403 })
    // It never answers.
    await object.restart().catch(() => {})
    return new Response(null, { status: 204 })
  }
  return new Response('Not found', { status: 404 })
}

interface Restartable {
  idFromName(name: string): DurableObjectId
  get(
    id: DurableObjectId,
  ): Pick<DurableObjectStub<import('./lab-object.ts').LabObject>, 'readMeter' | 'restart'>
}

function objectsOf(env: Env, page: string | null): Restartable | undefined {
  switch (page) {
    case 'chat':
      return env.ROOMS
    case 'board':
      return env.BOARDS
    case 'items':
      return env.SHOPS
    default:
      return undefined
  }
}

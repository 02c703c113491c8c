import { routeSync } from '@durable-sync/server'
import type { ChatRoom } from './chat-room.ts'
import { pageFile } from './page-file.ts'
import type { Claims } from './registry.ts'

export { ChatRoom } from './chat-room.ts'

export interface Env {
  readonly ROOMS: DurableObjectNamespace<ChatRoom>
  /** The built page. */
  readonly PAGE: Fetcher
  /** The name of this run of the server; `start.mjs` asks for it. */
  readonly INSTANCE: string
}

const USER = /^[\w-]{1,64}$/

/** This demo believes what the browser says about itself. A real app checks a session or a token here. */
function authenticate(request: Request): Claims | null {
  const userId = new URL(request.url).searchParams.get('user') ?? ''
  return USER.test(userId) ? { userId } : null
}

export default {
  async fetch(request, env) {
    const sync = await routeSync(request, { namespace: env.ROOMS, authenticate })
    if (sync) return sync
    if (new URL(request.url).pathname === '/healthz') return new Response(env.INSTANCE)
    return pageFile(request, env.PAGE)
  },
} satisfies ExportedHandler<Env>

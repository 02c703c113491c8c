import { routeSync } from '@durable-sync/server'
import type { TaskBoard } from './board/task-board.ts'
import type { ChatRoom } from './chat/chat-room.ts'
import type { Claims } from './claims.ts'
import type { Shop } from './items/shop.ts'
import { pageFile } from './page-file.ts'

export { TaskBoard } from './board/task-board.ts'
export { ChatRoom } from './chat/chat-room.ts'
export { Shop } from './items/shop.ts'

export interface Env {
  readonly ROOMS: DurableObjectNamespace<ChatRoom>
  readonly BOARDS: DurableObjectNamespace<TaskBoard>
  readonly SHOPS: DurableObjectNamespace<Shop>
  /** The built page. */
  readonly PAGE: Fetcher
  /** The name of this run of the server; `start.mjs` asks for it. */
  readonly INSTANCE: string
}

const USER = /^[\w-]{1,64}$/
const PATH = /^\/(board|items)\/sync\/([\w-]{1,40})$/

/** This demo believes what the browser says about itself. A real app checks a session or a token here. */
function authenticate(request: Request): Claims | null {
  const userId = new URL(request.url).searchParams.get('user') ?? ''
  return USER.test(userId) ? { userId } : null
}

/** The room in `/<page>/sync/<room>`. The chat has `/sync/<room>`, which is what `routeSync` looks for by itself. */
const roomOf = (page: 'board' | 'items') => (url: URL) => {
  const [, at, room] = PATH.exec(url.pathname) ?? []
  return at === page && room !== undefined ? room : null
}

export default {
  async fetch(request, env) {
    const sync =
      (await routeSync(request, { namespace: env.ROOMS, authenticate })) ??
      (await routeSync(request, { namespace: env.BOARDS, authenticate, room: roomOf('board') })) ??
      (await routeSync(request, { namespace: env.SHOPS, authenticate, room: roomOf('items') }))
    if (sync) return sync
    if (new URL(request.url).pathname === '/healthz') return new Response(env.INSTANCE)
    return pageFile(request, env.PAGE)
  },
} satisfies ExportedHandler<Env>

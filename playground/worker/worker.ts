import { routeSync } from '@durable-sync/server'
import type { TaskBoard } from './board/task-board.ts'
import type { ChatRoom } from './chat/chat-room.ts'
import type { Claims } from './claims.ts'
import type { Desk } from './desk/desk.ts'
import type { Shop } from './items/shop.ts'
import { labRoute } from './lab/lab-route.ts'
import { pageFile } from './page-file.ts'

export { TaskBoard } from './board/task-board.ts'
export { ChatRoom } from './chat/chat-room.ts'
export { Desk } from './desk/desk.ts'
export { Shop } from './items/shop.ts'

export interface Env {
  readonly ROOMS: DurableObjectNamespace<ChatRoom>
  readonly BOARDS: DurableObjectNamespace<TaskBoard>
  readonly SHOPS: DurableObjectNamespace<Shop>
  readonly DESKS: DurableObjectNamespace<Desk>
  /** The built page. */
  readonly PAGE: Fetcher
  /** The name of this run of the server; `start.mjs` asks for it. */
  readonly INSTANCE: string
}

const USER = /^[\w-]{1,64}$/
const PATH = /^\/(board|items|desk)\/sync\/([\w-]{1,64})$/

/** This demo believes what the browser says about itself. A real app checks a session or a token here. */
function authenticate(request: Request): Claims | null {
  const userId = new URL(request.url).searchParams.get('user') ?? ''
  return USER.test(userId) ? { userId } : null
}

/** A desk has the name of the one person who may open it. */
function authenticateAtDesk(request: Request, desk: string): Claims | null {
  const claims = authenticate(request)
  return claims?.userId === desk ? claims : null
}

/** The room in `/<page>/sync/<room>`. The chat has `/sync/<room>`, which is what `routeSync` looks for by itself. */
const roomOf = (page: 'board' | 'items' | 'desk') => (url: URL) => {
  const [, at, room] = PATH.exec(url.pathname) ?? []
  return at === page && room !== undefined ? room : null
}

export default {
  async fetch(request, env) {
    const answer =
      (await routeSync(request, { namespace: env.ROOMS, authenticate })) ??
      (await routeSync(request, { namespace: env.BOARDS, authenticate, room: roomOf('board') })) ??
      (await routeSync(request, { namespace: env.SHOPS, authenticate, room: roomOf('items') })) ??
      (await routeSync(request, {
        namespace: env.DESKS,
        authenticate: authenticateAtDesk,
        room: roomOf('desk'),
      })) ??
      (await labRoute(request, env))
    if (answer) return answer
    if (new URL(request.url).pathname === '/healthz') return new Response(env.INSTANCE)
    return pageFile(request, env.PAGE)
  },
} satisfies ExportedHandler<Env>

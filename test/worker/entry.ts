import { routeSync } from '@durable-sync/server'
import { control } from './control-route.ts'
import type { FixtureEnv } from './env.ts'
import type { Claims } from './rows.ts'

export { Lobby } from './lobby.ts'
export { NoClaims, NoTable } from './misfits.ts'
export { SessionDO } from './quick-start.ts'
export { Room } from './room.ts'

/** A test says who it is, in a header where it can set one and in the query where it cannot, as in a browser. */
function authenticate(request: Request): Claims | null {
  const given = request.headers.get('x-test-claims') ?? new URL(request.url).searchParams.get('claims')
  return given === null ? null : (JSON.parse(given) as Claims)
}

/** Pages of the tests are served on ports of their own. Everything else is a foreign site. */
const origins = (origin: string): boolean => /^http:\/\/127\.0\.0\.1:\d+$/.test(origin)

/** Outside rooms the first segment of the path picks the class, the second names the object. */
const segmentAfter = (prefix: string) => (url: URL) =>
  url.pathname.startsWith(prefix) ? decodeURIComponent(url.pathname.slice(prefix.length)) : null

const LOBBY = /^\/lobby\/([^/]+)\/(sync|own)$/

/** The path says which half of the lobby is meant. */
function lobby(request: Request, env: FixtureEnv): Response | Promise<Response | undefined> | undefined {
  const [, name = '', half] = LOBBY.exec(new URL(request.url).pathname) ?? []
  if (half === 'sync')
    return routeSync(request, { namespace: env.LOBBY, authenticate, origins, room: () => name })
  if (half === 'own') return env.LOBBY.get(env.LOBBY.idFromName(name)).fetch(request)
  return undefined
}

export default {
  async fetch(request: Request, env: FixtureEnv): Promise<Response> {
    const answer =
      (await control(request, env)) ??
      (await lobby(request, env)) ??
      (await routeSync(request, { namespace: env.ROOM, authenticate, origins })) ??
      (await routeSync(request, {
        namespace: env.SESSION,
        authenticate,
        origins,
        room: segmentAfter('/session/'),
      })) ??
      (await routeSync(request, {
        namespace: env.NO_CLAIMS,
        authenticate,
        room: segmentAfter('/no-claims/'),
      })) ??
      (await routeSync(request, {
        namespace: env.NO_TABLE,
        authenticate,
        origins,
        room: segmentAfter('/no-table/'),
      }))
    return answer ?? new Response('the fixture has no such path', { status: 404 })
  },
}

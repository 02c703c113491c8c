import unsafe from 'workerd:unsafe'
import { type RouteSyncOptions, routeSync } from '@durable-sync/server'
import { constructions } from './changeable.ts'
import type { HostingEnv } from './hosting-env.ts'
import type { Claims } from './rows.ts'

export { Changeable } from './changeable.ts'
export { Gate } from './gate.ts'
export { Hotel } from './hotel.ts'

const realNow = Date.now

function authenticate(request: Request): Claims | null {
  const given = request.headers.get('x-test-claims')
  return given === null ? null : (JSON.parse(given) as Claims)
}

const after = (prefix: string) => (url: URL) =>
  url.pathname.startsWith(prefix) ? url.pathname.slice(prefix.length) : null

/** Every way to call `routeSync`, by the first segment of the path. */
const routes = (env: HostingEnv): RouteSyncOptions<Claims>[] => [
  // `/sync/<room>`, with every default.
  { namespace: env.CHANGEABLE, authenticate },
  {
    namespace: env.CHANGEABLE,
    authenticate,
    room: after('/listed/'),
    origins: ['https://app.example', 'https://beta.example'],
  },
  {
    namespace: env.CHANGEABLE,
    authenticate,
    room: after('/asked/'),
    origins: (origin) => origin.endsWith('.example'),
  },
  {
    namespace: env.CHANGEABLE,
    room: after('/throwing/'),
    authenticate: () => {
      throw new Error('the session store is down')
    },
  },
  // What JavaScript authors write: nothing is returned for a stranger.
  {
    namespace: env.CHANGEABLE,
    room: after('/undefined/'),
    authenticate: () => undefined as unknown as null,
  },
  {
    namespace: env.CHANGEABLE,
    room: after('/slow/'),
    authenticate: async (request, room) => {
      await scheduler.wait(20)
      return room === 'private' ? null : authenticate(request)
    },
  },
  {
    namespace: env.CHANGEABLE,
    room: after('/members/'),
    authenticate: (request, room) => (room === 'others' ? 'forbidden' : authenticate(request)),
  },
  // A binding that wrangler.jsonc does not name is undefined in `env`.
  {
    namespace: (env as unknown as Record<string, DurableObjectNamespace>).FORGOTTEN as DurableObjectNamespace,
    room: after('/unbound/'),
    authenticate,
  },
  {
    namespace: env.HOTEL,
    authenticate,
    room: ({ pathname }) => /^\/hotel\/([^/]+)\/sync$/.exec(pathname)?.[1] ?? null,
  },
]

/** `/call/<binding>/<room>/<method>`, arguments as a JSON array. The Worker itself knows `evict`, `constructions` and `clock`. */
async function remoteCall(request: Request, env: HostingEnv): Promise<Response | undefined> {
  const [, binding, room = '', method = ''] =
    /^\/call\/([^/]+)\/([^/]+)\/([^/]+)$/.exec(new URL(request.url).pathname) ?? []
  if (binding === undefined) return undefined
  const namespace = env[binding as keyof HostingEnv] as DurableObjectNamespace
  const id = namespace.idFromName(room)
  const stub = namespace.get(id)
  const args = (await request.json()) as unknown[]
  try {
    if (method === 'evict') {
      await unsafe.evict(stub, { webSockets: 'hibernate' })
      return Response.json(null)
    }
    if (method === 'constructions') return Response.json(constructions.get(id.toString()) ?? 0)
    if (method === 'clock') {
      Date.now = () => realNow() + Number(args[0])
      return Response.json(null)
    }
    const call = (stub as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>)[method]
    return Response.json((await call?.(...args)) ?? null)
  } catch (error) {
    return new Response(error instanceof Error ? error.message : String(error), { status: 500 })
  }
}

export default {
  async fetch(request: Request, env: HostingEnv): Promise<Response> {
    const called = await remoteCall(request, env)
    if (called) return called
    for (const route of routes(env)) {
      const answer = await routeSync(request, route)
      if (answer) return answer
    }
    const [, first, room = ''] = new URL(request.url).pathname.split('/')
    // Straight to the object, as a Worker does that leaves everything to it.
    if (first === 'gate') return env.GATE.get(env.GATE.idFromName(room)).fetch(request)
    if (first === 'hotel') return env.HOTEL.get(env.HOTEL.idFromName(room)).fetch(request)
    return new Response('the fixture has no such path', { status: 404 })
  },
}

import unsafe from 'workerd:unsafe'
import type { OutsideVerbs } from './control-verbs.ts'
import type { FixtureEnv } from './env.ts'
import type { Claims } from './rows.ts'

const realNow = Date.now

/** `/control/<room>/<verb>` with the arguments as JSON in the body. 500 carries the message of what was thrown. */
export async function control(request: Request, env: FixtureEnv): Promise<Response | undefined> {
  const match = /^\/control\/([^/]+)\/([^/]+)$/.exec(new URL(request.url).pathname)
  if (!match) return undefined
  const [, room = '', verb = ''] = match
  const id = env.ROOM.idFromName(decodeURIComponent(room))
  const stub = env.ROOM.get(id)
  const body = await request.text()
  const outside: { [V in keyof OutsideVerbs]: (args: OutsideVerbs[V]['args']) => unknown } = {
    evict: ({ webSockets }) => unsafe.evict(stub, { webSockets }),
    // The call itself ends with the object.
    abort: () => stub.abort().catch(() => undefined),
    snapshot: ({ claims, request }) => stub.snapshot(claims as Claims, request),
    id: () => id.toString(),
    clock: ({ aheadMs }) => {
      Date.now = () => realNow() + aheadMs
    },
  }
  try {
    if (!Object.hasOwn(outside, verb)) return new Response(await stub.control(verb, body))
    const act = outside[verb as keyof OutsideVerbs] as (args: unknown) => unknown
    return new Response(JSON.stringify((await act(JSON.parse(body))) ?? null))
  } catch (error) {
    return new Response(error instanceof Error ? error.message : String(error), { status: 500 })
  }
}

import type { ParityObject } from './parity-object.ts'

export { ParityObject } from './parity-object.ts'

interface Env {
  readonly PARITY: DurableObjectNamespace<ParityObject>
}

export default {
  /** `/<room>/<verb>` with the arguments as JSON in the body. 500 carries the message of what was thrown. */
  async fetch(request: Request, env: Env): Promise<Response> {
    const [, room = '', verb = ''] = new URL(request.url).pathname.split('/')
    const stub = env.PARITY.get(env.PARITY.idFromName(room))
    try {
      return new Response(await stub.control(verb, await request.text()))
    } catch (error) {
      return new Response(error instanceof Error ? error.message : String(error), { status: 500 })
    }
  },
}

import { ProtocolError } from '../errors.ts'
import type { CallWork } from '../outbox/entry.ts'
import type { SyncApi } from '../wire/index.ts'
import { jsonProblem } from '../wire/json-problem.ts'

/** One function per command. A command without arguments, or with any, may be called with none. */
export type CommandCaller<Api extends SyncApi> = {
  readonly [Name in keyof Api['commands']]: Call<
    Api['commands'][Name]['args'],
    Api['commands'][Name]['result']
  >
}

type Call<Args, Result> = undefined extends Args
  ? (args?: Args) => Promise<Result>
  : (args: Args) => Promise<Result>

/** What others ask of any object that they are given: `await`, `JSON.stringify`, frameworks and printers of test runners. */
const ASKED_OF_ALL = /^(?:then|toJSON|constructor|asymmetricMatch|nodeType|tagName|\$\$typeof|__v_.*|@@.*)$/

/**
 * The commands of the server, by name. Nothing is known of them at run time, so every name is one, except symbols and the names that are
 * asked of all objects.
 */
export function commandCaller<Api extends SyncApi>(
  send: (work: CallWork) => Promise<unknown>,
): CommandCaller<Api> {
  const calls = new Map<string, (args?: unknown) => Promise<unknown>>()
  const callOf =
    (name: string) =>
    async (args: unknown = null) => {
      const problem = args === null ? undefined : jsonProblem(args)
      if (problem)
        throw new ProtocolError('value-invalid', `The argument of the command "${name}" ${problem}`)
      return send({ do: 'call', name, args })
    }
  const proxy = new Proxy(Object.create(null), {
    get: (_, name) => {
      if (typeof name === 'symbol' || ASKED_OF_ALL.test(name)) return undefined
      const call = calls.get(name) ?? callOf(name)
      calls.set(name, call)
      return call
    },
  })
  return proxy as CommandCaller<Api>
}

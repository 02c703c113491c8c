import { ProtocolError } from '../errors.ts'
import type { Work } from '../outbox/entry.ts'
import type { SyncApi } from '../wire/index.ts'
import { jsonProblem } from '../wire/index.ts'

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

/**
 * The commands of the server, by name. Nothing is known of them at run time, so every name is one, except `then`, which is asked of
 * everything that is awaited, and symbols.
 */
export function commandCaller<Api extends SyncApi>(
  write: (work: Work) => Promise<unknown>,
): CommandCaller<Api> {
  const calls = new Map<string, (args?: unknown) => Promise<unknown>>()
  const callOf =
    (name: string) =>
    async (args: unknown = null) => {
      const problem = args === null ? undefined : jsonProblem(args)
      if (problem)
        throw new ProtocolError('value-invalid', `The argument of the command "${name}" ${problem}`)
      return write({ do: 'call', name, args })
    }
  const proxy = new Proxy(Object.create(null), {
    get: (_, name) => {
      if (typeof name === 'symbol' || name === 'then') return undefined
      const call = calls.get(name) ?? callOf(name)
      calls.set(name, call)
      return call
    },
  })
  return proxy as CommandCaller<Api>
}

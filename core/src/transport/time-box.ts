import type { Environment } from '../client/environment.ts'

/**
 * The result of `work`, or a rejection with an `Error`, always within `ms` milliseconds and at once when `signal` aborts. The signal
 * that `work` receives aborts in both cases. A rejection with something that is no Error is wrapped: partysocket dies of it.
 */
export function timeBox<T>(
  environment: Environment,
  { ms, what, signal }: { readonly ms: number; readonly what: string; readonly signal: AbortSignal },
  work: (signal: AbortSignal) => T | Promise<T>,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const inner = new AbortController()
    const giveUp = (reason: string) => {
      settle(() => reject(new Error(reason)))
      inner.abort()
    }
    const aborted = () => giveUp(`${what} was abandoned`)
    const cancel = environment.after(ms, () => giveUp(`${what} did not answer within ${ms} ms`))
    const settle = (how: () => void) => {
      cancel()
      signal.removeEventListener('abort', aborted)
      how()
    }
    if (signal.aborted) return aborted()
    signal.addEventListener('abort', aborted)
    const run = async () => work(inner.signal)
    run().then(
      (value) => settle(() => resolve(value)),
      (cause: unknown) => settle(() => reject(asError(cause, what))),
    )
  })
}

const asError = (cause: unknown, what: string): Error =>
  cause instanceof Error ? cause : new Error(`${what} failed`, { cause })

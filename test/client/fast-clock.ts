import type { Environment } from '../../core/src/client/environment.ts'

/** A clock and timers that run `times` as fast as the world's. The server's do not. */
export function fastClock(times: number): Pick<Environment, 'now' | 'after' | 'afterInBackground'> {
  const start = Date.now()
  const after = (ms: number, run: () => void) => {
    const timer = setTimeout(run, ms / times)
    return () => clearTimeout(timer)
  }
  return { now: () => start + (Date.now() - start) * times, after, afterInBackground: after }
}

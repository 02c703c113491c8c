import type { Cancel, Environment } from '../client/environment.ts'
import type { Deadline } from './session-deadlines.ts'

/** Keeps exactly the timers of the current deadlines running. */
export class SessionTimers {
  readonly #environment: Environment
  readonly #due: (event: Deadline['event']) => void
  readonly #running = new Map<Deadline['event'], { readonly at: number; readonly cancel: Cancel }>()

  constructor(environment: Environment, due: (event: Deadline['event']) => void) {
    this.#environment = environment
    this.#due = due
  }

  follow(deadlines: readonly Deadline[]): void {
    for (const [event, timer] of this.#running) {
      if (deadlines.some((deadline) => deadline.event === event && deadline.at === timer.at)) continue
      timer.cancel()
      this.#running.delete(event)
    }
    for (const deadline of deadlines) if (!this.#running.has(deadline.event)) this.#start(deadline)
  }

  #start({ event, at, waits }: Deadline): void {
    const { now, after, afterInBackground } = this.#environment
    const start = waits === 'hold' ? after : afterInBackground
    const cancel = start(Math.max(0, at - now()), () => {
      this.#running.delete(event)
      this.#due(event)
    })
    this.#running.set(event, { at, cancel })
  }
}

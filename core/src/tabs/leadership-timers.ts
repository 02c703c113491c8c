import type { Cancel, Environment } from '../client/environment.ts'
import type { Deadline } from './leadership-deadlines.ts'

/** Keeps exactly the timers of the current deadlines running. */
export class LeadershipTimers {
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
    for (const { event, at } of deadlines) if (!this.#running.has(event)) this.#start(event, at)
  }

  #start(event: Deadline['event'], at: number): void {
    const { now, afterInBackground } = this.#environment
    const cancel = afterInBackground(Math.max(0, at - now()), () => {
      this.#running.delete(event)
      this.#due(event)
    })
    this.#running.set(event, { at, cancel })
  }
}

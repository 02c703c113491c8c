import type { Cancel, Environment } from '../client/environment.ts'
import type { SessionTimings } from './session-timings.ts'

export interface HeartbeatOptions {
  readonly environment: Environment
  readonly timings: SessionTimings
  /** False when the socket does not take it, which makes it dead. */
  readonly ping: () => boolean
  /** The socket is dead. The heartbeat has stopped. */
  readonly dead: () => void
}

/**
 * listening  something arrived not long ago.
 * asking     a ping was sent; anything that arrives is life.
 * grace      the answer is overdue, but so was our own timer: the page slept, and frames may be waiting behind it.
 */
type State =
  | { readonly is: 'stopped' }
  | { readonly is: 'listening' | 'asking' | 'grace'; readonly dueAt: number; readonly cancel: Cancel }

/** Hidden and throttled pages fire timers late; by more than this, time has passed in which nobody listened. */
const LATE_MS = 1000
const GRACE_MS = 1000

/**
 * Finds out that a socket is dead, which nothing else does: an idle socket can be gone for hours without a close. Pings only into
 * silence, and the runtime answers them without waking the object.
 */
export class Heartbeat {
  readonly #options: HeartbeatOptions
  #state: State = { is: 'stopped' }
  #heardAt = 0

  constructor(options: HeartbeatOptions) {
    this.#options = options
  }

  start(): void {
    this.stop()
    this.#heardAt = this.#options.environment.now()
    this.#listen()
  }

  stop(): void {
    if (this.#state.is !== 'stopped') this.#state.cancel()
    this.#state = { is: 'stopped' }
  }

  /** Something arrived. Cheap: it is called for every frame. */
  heard(): void {
    this.#heardAt = this.#options.environment.now()
    if (this.#state.is === 'asking' || this.#state.is === 'grace') this.#listen()
  }

  /** There is a reason to doubt the socket: ask now, and wait less long. */
  doubt(): void {
    const { environment, timings } = this.#options
    const state = this.#state
    const soonEnough =
      state.is !== 'listening' && state.is !== 'stopped' && state.dueAt <= environment.now() + timings.doubtMs
    if (state.is !== 'stopped' && !soonEnough) this.#ask(timings.doubtMs)
  }

  #wait(is: 'listening' | 'asking' | 'grace', ms: number, due: (late: boolean) => void): void {
    const { environment } = this.#options
    if (this.#state.is !== 'stopped') this.#state.cancel()
    const dueAt = environment.now() + ms
    const cancel = environment.afterInBackground(ms, () => due(environment.now() - dueAt > LATE_MS))
    this.#state = { is, dueAt, cancel }
  }

  #listen(): void {
    const { environment, timings } = this.#options
    // Give or take a tenth, so that the clients of an object do not ping in step.
    const silence = timings.pingAfterMs * (0.9 + 0.2 * environment.random())
    const wait = (ms: number) =>
      this.#wait('listening', ms, (late) => {
        const left = this.#heardAt + silence - environment.now()
        if (left > 0) wait(left)
        else this.#ask(late ? timings.doubtMs : timings.pongMs)
      })
    wait(silence)
  }

  #ask(ms: number): void {
    const unanswered = (late: boolean) => {
      if (late) this.#wait('grace', GRACE_MS, () => this.#die())
      else this.#die()
    }
    if (this.#options.ping()) this.#wait('asking', ms, unanswered)
    else this.#die()
  }

  #die(): void {
    this.stop()
    this.#options.dead()
  }
}

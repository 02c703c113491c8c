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
 * Finds out that a socket is dead, which nothing else does: an idle socket can be gone for hours without a close. Pings into silence,
 * and the runtime answers them without waking the object.
 *
 * It also pings when the last ping is long ago, whatever it hears. The time of the last answered ping is the only sign of life that the
 * server's runtime keeps of a socket, and an object that wakes closes sockets whose sign is 90 s old. In a room where somebody writes
 * every twenty seconds there is no silence to ping into, and all who listen would be taken for dead.
 */
export class Heartbeat {
  readonly #options: HeartbeatOptions
  #state: State = { is: 'stopped' }
  #heardAt = 0
  #pingedAt = 0

  constructor(options: HeartbeatOptions) {
    this.#options = options
  }

  start(): void {
    this.stop()
    this.#heardAt = this.#options.environment.now()
    // The server counts from the upgrade.
    this.#pingedAt = this.#heardAt
    this.#listen()
  }

  stop(): void {
    if (this.#state.is !== 'stopped') this.#state.cancel()
    this.#state = { is: 'stopped' }
  }

  /** Something arrived. Cheap: it is called for every frame. */
  heard(): void {
    const { environment, timings } = this.#options
    this.#heardAt = environment.now()
    if (this.#state.is === 'stopped') return
    // Here and not only by the timer: a hidden page gets its timers once a minute, and its messages at once.
    if (this.#heardAt - this.#pingedAt >= timings.pingEveryMs) this.#ask(timings.pongMs)
    else if (this.#state.is !== 'listening') this.#listen()
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
        // A clock that was set back says that it was in the future.
        const now = environment.now()
        this.#heardAt = Math.min(this.#heardAt, now)
        this.#pingedAt = Math.min(this.#pingedAt, now)
        const left = this.#pingDue(silence) - environment.now()
        if (left > 0) wait(left)
        else this.#ask(late ? timings.doubtMs : timings.pongMs)
      })
    wait(this.#pingDue(silence) - environment.now())
  }

  #pingDue(silence: number): number {
    return Math.min(this.#heardAt + silence, this.#pingedAt + this.#options.timings.pingEveryMs)
  }

  #ask(ms: number): void {
    const unanswered = (late: boolean) => {
      if (late) this.#wait('grace', GRACE_MS, () => this.#die())
      else this.#die()
    }
    this.#pingedAt = this.#options.environment.now()
    if (this.#options.ping()) this.#wait('asking', ms, unanswered)
    else this.#die()
  }

  #die(): void {
    this.stop()
    this.#options.dead()
  }
}

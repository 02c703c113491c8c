import type { Cancel, Environment } from './environment.ts'

/** Anything unanswered for longer on a live socket is asked again on a new one. It settles nothing. */
export const SILENCE_MS = 30_000

/** Calls `silent` when an answer has been owed for `SILENCE_MS`. */
export class SilenceWatch {
  readonly #environment: Environment
  readonly #owedSince: () => number | null
  readonly #silent: () => void
  #cancel: Cancel | undefined

  /** `owedSince` says since when an answer is owed, in milliseconds; null when none is. */
  constructor(environment: Environment, owedSince: () => number | null, silent: () => void) {
    this.#environment = environment
    this.#owedSince = owedSince
    this.#silent = silent
  }

  /** Something was asked or answered. */
  check(): void {
    const since = this.#owedSince()
    if (since === null) this.stop()
    else
      this.#cancel ??= this.#environment.after(since + SILENCE_MS - this.#environment.now(), () =>
        this.#due(),
      )
  }

  stop(): void {
    this.#cancel?.()
    this.#cancel = undefined
  }

  #due(): void {
    this.#cancel = undefined
    const since = this.#owedSince()
    const waited = since === null ? 0 : this.#environment.now() - since
    // A clock that was set back says that it was asked in the future: nobody is to wait for that.
    if (waited >= SILENCE_MS || waited < 0) this.#silent()
    // Not while it stays silent: giving the socket up takes the debt away.
    else this.check()
  }
}

import type { NewFailure } from '../persistence/room-storage.ts'
import type { WriteNumber } from './entry.ts'
import type { WriteKeeper } from './write-keeper.ts'

/** What is settled and not kept as such. */
export interface Forgotten {
  readonly ids: readonly string[]
  readonly failures: readonly NewFailure[]
  /** What the server may forget once it is kept. */
  readonly numbers: readonly WriteNumber[]
}

/** Hands settled writes to the storage. What it could not keep is handed in again with the next, or with `retry`. */
export class ForgetQueue {
  readonly #keeper: WriteKeeper
  readonly #kept: (all: readonly Forgotten[]) => void
  readonly #report: (error: unknown) => void
  #left: Forgotten[] = []

  constructor(
    keeper: WriteKeeper,
    kept: (all: readonly Forgotten[]) => void,
    report: (error: unknown) => void,
  ) {
    this.#keeper = keeper
    this.#kept = kept
    this.#report = report
  }

  add(forgotten: Forgotten): void {
    const all = [...this.#left, forgotten]
    this.#left = []
    const ids = all.flatMap((each) => each.ids)
    const failures = all.flatMap((each) => each.failures)
    // Within an async function: a storage of the application's may also throw before it returns a promise.
    const forget = async () => this.#keeper.forget(ids, failures)
    forget().then(
      () => this.#kept(all),
      (error: unknown) => {
        this.#left.push(...all)
        this.#report(error)
      },
    )
  }

  retry(): void {
    if (this.#left.length > 0) this.add({ ids: [], failures: [], numbers: [] })
  }
}

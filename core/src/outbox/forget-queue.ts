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
  readonly #under = new Set<Forgotten>()

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
    for (const each of all) this.#under.add(each)
    const over = () => {
      for (const each of all) this.#under.delete(each)
    }
    const ids = all.flatMap((each) => each.ids)
    const failures = all.flatMap((each) => each.failures)
    // Within an async function: a storage of the application's may also throw before it returns a promise.
    const forget = async () => this.#keeper.forget(ids, failures)
    forget().then(
      () => {
        over()
        this.#kept(all)
      },
      (error: unknown) => {
        over()
        this.#left.push(...all)
        this.#report(error)
      },
    )
  }

  /** Failures that are not kept yet. */
  get failures(): ReadonlySet<string> {
    return new Set([...this.#left, ...this.#under].flatMap(({ failures }) => failures.map(({ id }) => id)))
  }

  retry(): void {
    if (this.#left.length > 0) this.add({ ids: [], failures: [], numbers: [] })
  }
}

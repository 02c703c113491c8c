import type { NewFailure } from '../persistence/room-storage.ts'
import type { FailedWrites } from '../status/failed-writes.ts'
import { createReadable, deriveReadable, type Readable } from '../status/readable.ts'
import { failedView } from './failed-view.ts'
import { SettledIds } from './settled-ids.ts'
import { DISCARDED } from './write-result.ts'

const DAY_MS = 24 * 3_600_000
/** The oldest go first. */
const MOST = 200
const KEPT_MS = 30 * DAY_MS
/** A page that slept for longer is loaded anew. */
const TRACE_MS = DAY_MS

/** Not shown: it is for pages that have slept. */
export const isTrace = ({ code }: NewFailure): boolean => code === DISCARDED.code

/** The failed writes of one room. */
export class FailedList {
  readonly shown: Readable<FailedWrites>
  readonly #byId = new Map<string, NewFailure>()
  /** A storage that was read before they went may still have them. */
  readonly #gone = new SettledIds()
  readonly #failures = createReadable<readonly NewFailure[]>([])

  constructor() {
    this.shown = deriveReadable(this.#failures, failedView)
  }

  /** Also what is not shown; `get` as well. */
  get all(): readonly NewFailure[] {
    return [...this.#byId.values()]
  }

  get(id: string): NewFailure | undefined {
    return this.#byId.get(id)
  }

  /** Adds what is new. Returns those that go now, because they are too many or too old. */
  add(failures: readonly NewFailure[], now: number): readonly string[] {
    const fresh = failures.filter(({ id }) => !this.#byId.has(id) && !this.#gone.has(id))
    if (fresh.length === 0) return []
    for (const failure of fresh) this.#byId.set(failure.id, failure)
    const all = [...this.#byId.values()]
    const old = all.filter((failure) => now - failure.failedAt > (isTrace(failure) ? TRACE_MS : KEPT_MS))
    const many = inOrder(all.filter((failure) => !isTrace(failure))).slice(0, -MOST)
    const surplus = [...new Set([...old, ...many].map(({ id }) => id))]
    this.remove(surplus)
    return surplus
  }

  remove(ids: readonly string[]): void {
    this.#gone.add(ids)
    for (const id of ids) this.#byId.delete(id)
    this.#show()
  }

  /** Another try of it has not come about. */
  giveBack(failure: NewFailure): void {
    this.#byId.set(failure.id, failure)
    this.#show()
  }

  #show(): void {
    const shown = inOrder([...this.#byId.values()].filter((failure) => !isTrace(failure)))
    if (shown.length > 0 || this.#failures.get().length > 0) this.#failures.set(shown)
  }
}

const inOrder = (failures: readonly NewFailure[]): NewFailure[] =>
  failures.toSorted((a, b) => a.failedAt - b.failedAt || a.queuedAt - b.queuedAt)

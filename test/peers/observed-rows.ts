import type { RowChange, RowCollection } from '../bench/row-collection.ts'

type Hear = (changes: readonly RowChange[]) => void

/** Those who hear of changes, as `subscribeChanges` of a collection has them. */
export class ObservedRows {
  readonly #listeners = new Set<Hear>()

  readonly subscribeChanges: RowCollection['subscribeChanges'] = (hear) => {
    this.#listeners.add(hear)
    return { unsubscribe: () => this.#listeners.delete(hear) }
  }

  /** `changesOf` is asked only if anybody listens. */
  tell(changesOf: () => RowChange[]): void {
    if (this.#listeners.size === 0) return
    const changes = changesOf()
    for (const hear of this.#listeners) hear(changes)
  }
}

/** Peers have no acknowledgement: to them, a write is done when it is in the client's own store. */
export const AT_ONCE = { isPersisted: { promise: Promise.resolve() } } as const

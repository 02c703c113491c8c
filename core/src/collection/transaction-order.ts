import type { TransactionLike } from './collection-options-shape.ts'

const nothing = () => undefined

/**
 * Which transaction was the last to touch a row, of those that are not settled. TanStack DB draws transactions that are persisting over
 * those that have completed, whichever was made first: one that completed before an older one of the same row would show the older value
 * once more.
 */
export class TransactionOrder {
  readonly #last = new WeakMap<object, Map<unknown, TransactionLike>>()

  /** Resolves when those before it that touch the same rows have settled; undefined when there are none. */
  enter(transaction: TransactionLike): Promise<unknown> | undefined {
    const before = new Set<TransactionLike>()
    for (const { collection, key } of transaction.mutations) {
      const rows = this.#last.get(collection) ?? new Map<unknown, TransactionLike>()
      this.#last.set(collection, rows)
      const last = rows.get(key)
      if (last && last !== transaction) before.add(last)
      rows.set(key, transaction)
    }
    const leave = () => this.#leave(transaction)
    transaction.isPersisted.promise.then(leave, leave)
    return before.size > 0
      ? Promise.all([...before].map(({ isPersisted }) => isPersisted.promise.then(nothing, nothing)))
      : undefined
  }

  #leave(transaction: TransactionLike): void {
    for (const { collection, key } of transaction.mutations) {
      const rows = this.#last.get(collection)
      if (rows?.get(key) === transaction) rows.delete(key)
    }
  }
}

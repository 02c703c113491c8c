import type { TransactionLike } from './collection-options-shape.ts'

const nothing = () => undefined

/**
 * Which transaction was the last to touch a row, of those that are not settled. TanStack DB draws transactions that are persisting over
 * those that have completed, whichever was made first: one that completed before an older one of the same row would show the older value
 * once more.
 */
export class TransactionOrder {
  readonly #last = new WeakMap<object, Map<unknown, Promise<unknown>>>()

  /** Resolves when those before it that touch the same rows have settled; undefined when there are none. */
  enter({ mutations, isPersisted }: TransactionLike): Promise<unknown> | undefined {
    const settled = isPersisted.promise.then(nothing, nothing)
    const before = new Set<Promise<unknown>>()
    for (const { collection, key } of mutations) {
      const rows = this.#last.get(collection) ?? new Map<unknown, Promise<unknown>>()
      this.#last.set(collection, rows)
      const last = rows.get(key)
      if (last) before.add(last)
      rows.set(key, settled)
      settled.then(() => {
        if (rows.get(key) === settled) rows.delete(key)
      })
    }
    return before.size > 0 ? Promise.all(before) : undefined
  }
}

import type { CollectionStats, Readable } from '@durable-sync/core'

const LOOK_EVERY_MS = 250

/** A collection of `doCollectionOptions`, as far as its rows are counted. */
export interface Counted {
  readonly utils: { stats(): Pick<CollectionStats, 'rows'> }
}

const known = new WeakMap<Counted, Readable<number>>()

/**
 * How many rows of a collection are here, for `useReadable`: the same readable for the same collection. Nobody announces that number, so it is
 * looked at every so often while somebody subscribes.
 */
export function heldRows(collection: Counted): Readable<number> {
  const before = known.get(collection)
  if (before) return before
  const get = () => collection.utils.stats().rows
  const subscribe = (changed: () => void) => {
    let last = get()
    const timer = setInterval(() => {
      const now = get()
      if (now === last) return
      last = now
      changed()
    }, LOOK_EVERY_MS)
    return () => clearInterval(timer)
  }
  const readable = { get, subscribe }
  known.set(collection, readable)
  return readable
}

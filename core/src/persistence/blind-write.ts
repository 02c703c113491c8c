import { unwrap } from 'idb'
import { type Database, type KeyRange, type StoreName, toRange } from './database-layout.ts'
import { fenceOf, Purged } from './purge-fence.ts'

/** One thing that a transaction does, without having looked. */
export type BlindOp =
  | {
      readonly do: 'put' | 'add'
      readonly store: StoreName
      readonly key: IDBValidKey
      readonly value: unknown
    }
  | {
      readonly do: 'append'
      readonly store: 'writes'
      readonly value: unknown
      readonly onKey: (key: number) => void
    }
  | { readonly do: 'delete'; readonly store: StoreName; readonly key: IDBValidKey }
  | { readonly do: 'clear'; readonly store: StoreName; readonly range?: KeyRange }

export type Durability = 'relaxed' | 'strict'

/**
 * Does all of `ops` in one transaction, or nothing. Resolves when it is complete: requests succeed and the transaction is still aborted
 * where there is no room. An error that is prevented would abort it all the same, for it comes after the commit was said. Nothing is read
 * and nothing awaited in between, and the commit is said, so that a page which is frozen now does not keep the stores from other tabs.
 * @throws Purged, by rejecting, when the user has signed out since the database was opened; `past` lets a purge itself through.
 */
export function writeBlindly(
  database: Database,
  ops: readonly BlindOp[],
  durability: Durability,
  fence: 'before' | 'past' = 'before',
): Promise<void> {
  if (ops.length === 0) return Promise.resolve()
  const closed = fence === 'before' ? fenceOf(database) : undefined
  const names = new Set(ops.map(({ store }) => store))
  if (closed !== undefined) names.add('spare')
  const transaction = unwrap(database).transaction([...names], 'readwrite', { durability })
  return new Promise((resolve, reject) => {
    let cause: Error | null = null
    transaction.oncomplete = () => resolve()
    transaction.onabort = () =>
      reject(
        cause instanceof Purged
          ? cause
          : (transaction.error ?? cause ?? new DOMException('aborted without a reason', 'AbortError')),
      )
    try {
      if (closed !== undefined)
        mustNotBeThere(transaction.objectStore('spare'), closed, () => {
          cause = new Purged()
        })
      for (const op of ops) {
        const request = start(transaction.objectStore(op.store), op)
        request.onerror = () => {
          cause ??= request.error
        }
        if (op.do === 'append') request.onsuccess = () => op.onKey(request.result as number)
      }
      transaction.commit()
    } catch (error) {
      transaction.onabort = null
      abandon(transaction)
      reject(error)
    }
  })
}

/** To add what is there already aborts the transaction: the one way to look without waiting. */
function mustNotBeThere(store: IDBObjectStore, key: string, isThere: () => void): void {
  const look = store.add('', key)
  look.onerror = () => {
    // All of its requests fail when a transaction is aborted for something else.
    if (look.error?.name === 'ConstraintError') isThere()
  }
  store.delete(key)
}

function start(store: IDBObjectStore, op: BlindOp): IDBRequest<IDBValidKey> | IDBRequest<undefined> {
  switch (op.do) {
    case 'put':
      return store.put(op.value, op.key)
    case 'add':
      return store.add(op.value, op.key)
    case 'append':
      return store.add(op.value)
    case 'delete':
      return store.delete(op.key)
    case 'clear':
      return op.range ? store.delete(toRange(op.range)) : store.clear()
  }
}

function abandon(transaction: IDBTransaction): void {
  try {
    transaction.abort()
  } catch {
    // It has ended by itself.
  }
}

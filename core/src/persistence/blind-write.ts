import { unwrap } from 'idb'
import { type Database, type KeyRange, type StoreName, toRange } from './database-layout.ts'

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
 * where there is no room. An error that is prevented would abort it all the same, for it comes after the commit was said. Nothing is read and nothing awaited in between, and the commit is said, so that a page which is frozen
 * now does not keep the stores from other tabs.
 */
export function writeBlindly(
  database: Database,
  ops: readonly BlindOp[],
  durability: Durability,
): Promise<void> {
  const names = [...new Set(ops.map(({ store }) => store))]
  if (names.length === 0) return Promise.resolve()
  const transaction = unwrap(database).transaction(names, 'readwrite', { durability })
  return new Promise((resolve, reject) => {
    let cause: DOMException | null = null
    transaction.oncomplete = () => resolve()
    transaction.onabort = () =>
      reject(transaction.error ?? cause ?? new DOMException('aborted without a reason', 'AbortError'))
    try {
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

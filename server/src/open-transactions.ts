/** What must wait while a transaction of the author's is open. */
export interface Held {
  hold(): void
  release(): void
}

/**
 * Holds something back while a transaction of the author's (`storage.transaction`) is open, from now on and whoever calls it. It may await,
 * and timers that were set inside it run inside it, a turn among them. What a turn tells cannot be taken back, and what is remembered
 * beside the tables is not rolled back with them. The runtime does not say whether one is open.
 */
export function holdInTransactions(storage: DurableObjectStorage, held: Held): void {
  const { transaction } = storage
  const watched = async <T>(closure: (txn: DurableObjectTransaction) => Promise<T>): Promise<T> => {
    held.hold()
    try {
      return (await Reflect.apply(transaction, storage, [closure])) as T
    } finally {
      held.release()
    }
  }
  // The runtime makes one wrapper of the storage for the life of the instance.
  Object.defineProperty(storage, 'transaction', { value: watched, configurable: true, writable: true })
}

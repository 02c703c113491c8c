import type { TransactionLike, TransactionMutation } from './collection-options-shape.ts'

type Collection = TransactionMutation['collection']

interface Completable extends TransactionLike {
  readonly isPersisted: TransactionLike['isPersisted'] & { resolve(transaction: unknown): void }
  setState(state: 'completed'): void
  touchCollection(): void
}

export interface CompletionHost {
  /** What listeners of the application throw when they are told of the rows. */
  readonly report: (error: unknown) => void
  /** The optimistic rows of transactions of this collection go when they complete, and on old versions only with the next commit after that. */
  readonly retire: (collection: Collection) => void
}

/**
 * Completes what one frame has settled. When a handler returns, TanStack DB completes its transaction and computes everything anew that is
 * optimistic in its collections: for n transactions that is n times n rows, of which nothing is shown before the last of them has completed.
 * So transactions whose handlers may return at the same moment are completed here, and their collections are told once.
 *
 * This does what TanStack DB's own `commit` does, with what all supported versions have in their types. A transaction that is alone, or has
 * nothing of that, is left to `commit`.
 */
export class SettledTogether {
  readonly #host: CompletionHost
  readonly #completed = new WeakSet<TransactionLike>()
  #waiting: { readonly transaction: TransactionLike; readonly leave: () => void }[] = []

  constructor(host: CompletionHost) {
    this.#host = host
  }

  /** Called when the handler begins: nobody may hear that the transaction is persisted before its rows are as they will stay. */
  enter(transaction: TransactionLike): void {
    const retire = () => {
      if (!this.#completed.has(transaction)) this.#retire(collectionsOf(transaction))
    }
    transaction.isPersisted.promise.then(retire, () => {
      // Rolled back: nothing is retained.
    })
  }

  /** Called when the handler has nothing left to wait for. Resolves when it may return. */
  leave(transaction: TransactionLike): Promise<void> {
    return new Promise((leave) => {
      // Handlers that go on after the same frame are all here before this microtask.
      if (this.#waiting.push({ transaction, leave }) === 1) queueMicrotask(() => this.#complete())
    })
  }

  #complete(): void {
    const waiting = this.#waiting
    this.#waiting = []
    const transactions = waiting.map(({ transaction }) => transaction).filter(isCompletable)
    if (transactions.length > 1) this.#completeAll(transactions)
    for (const { leave } of waiting) leave()
  }

  #completeAll(transactions: readonly Completable[]): void {
    for (const transaction of transactions) {
      this.#completed.add(transaction)
      transaction.setState('completed')
    }
    const told = new Set<Collection>()
    const all = new Set<Collection>()
    for (const transaction of transactions) {
      const collections = [...collectionsOf(transaction)]
      for (const collection of collections) all.add(collection)
      if (collections.every((collection) => told.has(collection))) continue
      this.#guard(() => {
        // Old versions stop at the first collection of which somebody throws: then the next transaction tells them again.
        transaction.touchCollection()
        for (const collection of collections) told.add(collection)
      })
    }
    this.#retire(all)
    for (const transaction of transactions) transaction.isPersisted.resolve(transaction)
  }

  #retire(collections: Iterable<Collection>): void {
    for (const collection of collections) this.#guard(() => this.#host.retire(collection))
  }

  /** The rows are accepted before anybody is told of them: whoever throws then must not keep the others from going on. */
  #guard(tell: () => void): void {
    try {
      tell()
    } catch (error) {
      this.#host.report(error)
    }
  }
}

/** Also those from which its mutations were merged away. */
const collectionsOf = ({ mutations, collections = [] }: TransactionLike): ReadonlySet<Collection> =>
  new Set([...collections, ...mutations.map(({ collection }) => collection)])

/** One that the application has rolled back meanwhile is not persisting any more. */
const isCompletable = (transaction: TransactionLike): transaction is Completable =>
  transaction.state === 'persisting' &&
  transaction.setState !== undefined &&
  transaction.touchCollection !== undefined &&
  transaction.isPersisted.resolve !== undefined

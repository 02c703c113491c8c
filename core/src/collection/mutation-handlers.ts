import { ProtocolError } from '../errors.ts'
import { encodeOp } from '../outbox/encode-op.ts'
import type { Work } from '../outbox/entry.ts'
import type { WireOp } from '../wire/index.ts'
import type { TransactionLike, TransactionMutation } from './collection-options-shape.ts'
import type { Writers } from './writers.ts'

/** What a transaction needs of the client that it goes to. */
export interface TransactionHost {
  /** The client, as the collections' `utils.client` names it. */
  readonly client: object
  readonly writers: Writers
  /** Transactions on their way, and how they end. */
  readonly confirmations: WeakMap<object, Promise<void>>
  write(work: Work): Promise<unknown>
}

/** The table of the collection, if it is one of `client`. */
function tableOf({ collection }: TransactionMutation, client: object): string {
  const { utils } = collection
  const ours = 'client' in utils && utils.client === client && 'table' in utils
  if (ours && typeof utils.table === 'string') return utils.table
  throw new ProtocolError(
    'transaction-spans-objects',
    'A transaction can only touch collections of one Durable Object: it is atomic, and two objects share no transaction',
  )
}

/** The optimistic rows of a transaction go when it completes, and on old versions only with the next commit after that. */
function retireWhenCompleted({ mutations, isPersisted }: TransactionLike, writers: Writers): void {
  const retire = () => {
    for (const collection of new Set(mutations.map((mutation) => mutation.collection))) {
      writers.get(collection)?.retireOverlays()
    }
  }
  isPersisted.promise.then(retire, () => {
    // Rolled back: nothing is retained.
  })
}

/**
 * The `mutationFn` of a client: sends all mutations of a TanStack transaction as one that is atomic on the server, and resolves when the
 * server has confirmed it and its rows have been handed to the collections.
 */
export function createMutationFn(
  host: TransactionHost,
): (params: { transaction: TransactionLike }) => Promise<void> {
  return async ({ transaction }) => {
    const ops = transaction.mutations.map(
      (mutation): WireOp => encodeOp(tableOf(mutation, host.client), mutation),
    )
    if (ops.length === 0) return
    const confirmed = host.write({ do: 'mutate', ops }).then(() => undefined)
    host.confirmations.set(transaction, confirmed)
    retireWhenCompleted(transaction, host.writers)
    await confirmed
  }
}

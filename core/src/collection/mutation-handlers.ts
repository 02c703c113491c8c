import { ProtocolError } from '../errors.ts'
import { encodeOp, encodeRow } from '../outbox/encode-op.ts'
import type { Work } from '../outbox/entry.ts'
import type { Written } from '../outbox/written.ts'
import type { WireOp, WireValues } from '../wire/index.ts'
import type { HandlerParams, TransactionLike, TransactionMutation } from './collection-options-shape.ts'
import { crowdWarning } from './crowd-warning.ts'
import type { PendingViews } from './pending-views.ts'
import { warnOfRejection } from './rejection-warning.ts'
import { SettledTogether } from './settled-together.ts'
import { TransactionOrder } from './transaction-order.ts'
import type { PendingWriter, Writers } from './writers.ts'

/** What a transaction needs of the client that it goes to. */
export interface TransactionHost {
  /** The client, as the collections' `utils.client` names it. */
  readonly client: object
  readonly writers: Writers
  readonly report: (error: unknown) => void
  /** Shows what is pending; undefined when nothing outlives the page. */
  readonly pending: PendingViews | undefined
  readonly settleOn: 'server' | 'device'
  /** Transactions on their way: when they are kept, and how they end. */
  readonly written: WeakMap<object, Written>
  write(work: Work, before: readonly (WireValues | null)[]): Written
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

/** The rows before the transaction, one for each mutation. */
const originalsOf = (transaction: TransactionLike): (WireValues | null)[] =>
  transaction.mutations.map(({ type, original }) => (type === 'insert' ? null : encodeRow(original)))

/** The collections in which TanStack DB shows the transaction, by their tables. */
function ownWriters({ mutations }: TransactionLike, { client, writers }: TransactionHost) {
  const own = new Map<string, Set<PendingWriter>>()
  for (const mutation of mutations) {
    const writer = writers.get(mutation.collection)
    const table = tableOf(mutation, client)
    if (writer) own.set(table, (own.get(table) ?? new Set()).add(writer))
  }
  return own
}

type MutationFn = (params: HandlerParams) => Promise<void>

/**
 * Whether `fn` is all that the transaction waits for, and no handler of the application around it, which may have more to do when the server
 * has confirmed.
 */
function isAll(fn: MutationFn, { transaction, collection }: HandlerParams): boolean {
  if (!collection) return transaction.mutationFn === fn
  const { onInsert, onUpdate, onDelete } = collection.config ?? {}
  return onInsert === fn && onUpdate === fn && onDelete === fn
}

/**
 * The `mutationFn` of a client: sends all mutations of a TanStack transaction as one that is atomic on the server. It resolves when the
 * server has confirmed it and its rows have been handed to the collections; with `settleOn: 'device'` when it is kept on this device.
 */
export function createMutationFn(host: TransactionHost): MutationFn {
  const order = new TransactionOrder()
  const together = new SettledTogether({
    report: host.report,
    retire: (collection) => host.writers.get(collection)?.retireOverlays(),
  })
  const crowd = crowdWarning()
  const mutationFn = async (params: HandlerParams): Promise<void> => {
    const { transaction } = params
    warnOfRejection(transaction, transaction.isPersisted.promise)
    const ops = transaction.mutations.map(
      (mutation): WireOp => encodeOp(tableOf(mutation, host.client), mutation),
    )
    const [first] = ops
    if (!first) return
    crowd(transaction, first.collection)
    const work: Work = { do: 'mutate', ops }
    const { pending } = host
    const before = pending ? originalsOf(transaction) : []
    const written = host.write(work, before)
    const { id, stored, confirmed } = written
    const earlier = order.enter(transaction)
    host.written.set(transaction, written)
    together.enter(transaction)
    if (pending) {
      pending.begin({ id, work, before }, ownWriters(transaction, host))
      // A transaction that the application rolls back is pending all the same: it is shown until it is decided.
      transaction.isPersisted.promise.catch(() => pending.project(id))
      stored.then(
        (ord) => pending.place(id, ord),
        () => {
          // It is rolled back.
        },
      )
    }
    if (host.settleOn === 'server') await confirmed
    else {
      warnOfRejection(transaction, confirmed)
      await stored
      pending?.project(id)
    }
    if (earlier) await earlier
    if (isAll(mutationFn, params)) await together.leave(transaction)
  }
  return mutationFn
}

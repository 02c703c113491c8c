import type { MutationLike } from '../outbox/encode-op.ts'
import type { SubsetRequest } from './expression-like.ts'

/**
 * What `createCollection` of every supported `@tanstack/db` accepts, in our own words. Importing the type would make this package fit
 * exactly one of its versions, and framework packages pin different ones.
 */
export interface CollectionOptionsShape<Row extends object, Utils> {
  /** TanStack DB makes one up when it is absent. */
  id?: string
  getKey: (row: Row) => string
  gcTime: number
  syncMode: 'eager' | 'on-demand'
  sync: {
    sync: (surface: SyncSurface<Row>) => SyncRun
    rowUpdateMode: 'full'
    /** The last three are for TanStack DB's `DbClient`, which carries rows from a server to the browser. */
    exportSyncMeta: () => unknown
    importSyncMeta: (meta: unknown) => void
    mergeSyncMeta: (current: unknown, incoming: unknown) => unknown
  }
  onInsert: (params: { transaction: TransactionLike }) => Promise<void>
  onUpdate: (params: { transaction: TransactionLike }) => Promise<void>
  onDelete: (params: { transaction: TransactionLike }) => Promise<void>
  utils: Utils
}

/** One sync run, as TanStack DB is given it. The last two are for on-demand collections. */
export interface SyncRun {
  readonly cleanup: () => void
  readonly loadSubset?: (request: SubsetRequest) => true | Promise<void>
  readonly unloadSubset?: (request: SubsetRequest) => void
}

/** What is read of a collection. */
export interface RowLookup {
  readonly id?: string
  /** The row as it is shown, with TanStack's virtual properties. */
  get(key: string): object | undefined
  /** All of them. */
  entries?(): Iterable<readonly [key: string | number, row: object]>
}

/** What TanStack DB hands to `sync`, as far as it is used here. */
export interface SyncSurface<Row extends object> {
  readonly collection: RowLookup
  readonly begin: () => void
  /** Never with a `key` beside a value: under `persistedCollectionOptions` that is executed as a delete. */
  readonly write: (message: { type: 'update'; value: Row } | { type: 'delete'; key: string }) => void
  readonly commit: () => unknown
  readonly markReady: () => void
  readonly markError: (error?: unknown) => void
}

/** What is used of a TanStack transaction. */
export interface TransactionLike {
  readonly mutationFn?: unknown
  readonly mutations: readonly TransactionMutation[]
  readonly isPersisted: { readonly promise: Promise<unknown>; resolve?(transaction: unknown): void }
  readonly state?: string
  /** From 0.12 on: all that have shown it. */
  readonly collections?: Iterable<TransactionMutation['collection']>
  setState?(state: 'completed'): void
  touchCollection?(): void
}

/** With what TanStack DB calls a handler: a collection's own has the collection beside it. */
export interface HandlerParams {
  readonly transaction: TransactionLike
  readonly collection?: { readonly config?: Readonly<Record<'onInsert' | 'onUpdate' | 'onDelete', unknown>> }
}

export interface TransactionMutation extends MutationLike {
  readonly collection: { readonly utils: object }
}

import { sharedClient } from '../client/shared-client.ts'
import { engineOf, insideOf, type SyncClient } from '../client/sync-client.ts'
import { type CollectionSyncState, IDLE } from '../status/collection-sync-state.ts'
import { createReadable, type Readable } from '../status/readable.ts'
import type { Transport } from '../transport/transport.ts'
import type { SyncApi, SyncApiOf } from '../wire/index.ts'
import type { CollectionOptionsShape } from './collection-options-shape.ts'
import type { AnyWhere, Where } from './collection-where.ts'
import { withFactory } from './config-factory.ts'
import { FILTERS } from './filter-part.ts'
import { mountCollection } from './mount-collection.ts'
import { PageRows } from './page-rows.ts'
import { SUBSETS } from './subsets-part.ts'

/**
 * What a collection of a Durable Object carries as `collection.utils`. It has no other members: that they would be functions is what the types of
 * TanStack DB 0.9 ask for before a live query may read the collection.
 */
export type SyncUtils<Api = SyncApi> = UtilsMembers<Api> & { readonly [other: string]: never }

export interface UtilsMembers<Api> {
  /** The client that feeds the collection. */
  readonly client: SyncClient<Api>
  /** The table that it shows. */
  readonly table: string
  /** How the rows relate to the server's. */
  readonly syncState: Readable<CollectionSyncState>
  /** Counts of this moment. `subscriptions` are those that the server keeps for it, `received` are all rows that ever arrived over the socket. */
  readonly stats: () => CollectionStats
}

export interface CollectionStats {
  /** Rows of the server that are held. */
  readonly rows: number
  readonly subscriptions: number
  readonly received: number
}

/** Options for TanStack DB's `createCollection`, of any supported version. */
export type DoCollectionOptions<Row extends object, Api = SyncApi> = CollectionOptionsShape<
  Row,
  SyncUtils<Api>
>

export interface CommonOptions {
  /** The collection's id in TanStack DB. Default: TanStack DB makes one up. */
  readonly id?: string
  /**
   * When to clean up the collection after its last subscriber has gone, in milliseconds. Default 0: never. A clean-up drops what is shown
   * of unconfirmed writes, so a positive number should be longer than your users are offline.
   */
  readonly gcTime?: number
  /**
   * `eager`, the default: all rows of the table, or of `where`. `on-demand`: what live queries ask for, as long as they do: their `where`, and
   * with `orderBy` and `limit` no more than the rows in sight.
   */
  readonly syncMode?: 'eager' | 'on-demand'
}

/** The rows that the collection is limited to. The server evaluates it, so it can only speak of columns and values. */
interface WhereOption<Row> {
  /** A plain object of column values, what `filter` builds, or `(row) => eq(row.done, false)` with TanStack DB's operators. */
  readonly where?: Where<Row>
}

/** `getKey` must return the key column, whose values are text. It may be left out when that column is `id`. */
type KeyOption<Row, Key> = Key extends 'id'
  ? { readonly getKey?: (row: Row) => string }
  : { readonly getKey: (row: Row) => string }

type HasIdKey<Row> = Row extends { readonly id: string } ? 'id' : string

type CollectionsOf<Api> = SyncApiOf<Api>['collections']
/** The tables of a contract. */
export type TableOf<Api> = keyof CollectionsOf<Api> & string
/** The rows of one of them. */
export type RowOf<Api, Table extends TableOf<Api>> = CollectionsOf<Api>[Table]['row']
type KeyOf<Api, Table extends TableOf<Api>> = CollectionsOf<Api>[Table]['key']

/** Which rows of a client's object. */
export type RowsOption<Api, Table extends TableOf<Api>> = { readonly table: Table } & WhereOption<
  RowOf<Api, Table>
> &
  KeyOption<RowOf<Api, Table>, KeyOf<Api, Table>>

/**
 * Options for a collection over one table of a Durable Object: its rows, kept up to date, written optimistically.
 *
 * With a `client` of type `SyncClient<Api>` the row and the key follow from the table's name. With a bare `transport`, name the row:
 * `doCollectionOptions<Message>({ transport, table: 'messages' })`; all collections of one transport share one client.
 */
export function doCollectionOptions<Row extends object>(
  options: { readonly transport: Transport; readonly table: string } & CommonOptions &
    WhereOption<Row> &
    KeyOption<Row, HasIdKey<Row>>,
): DoCollectionOptions<Row>
export function doCollectionOptions<Api, Table extends TableOf<Api>>(
  options: { readonly client: SyncClient<Api> } & CommonOptions & RowsOption<Api, Table>,
): DoCollectionOptions<RowOf<Api, Table>, Api>
export function doCollectionOptions(options: AnyOptions): DoCollectionOptions<object> {
  return collectionOptions(options)
}

/** The same for whatever row. */
export function collectionOptions(options: AnyOptions): DoCollectionOptions<object> {
  const { id, table, where, gcTime = 0, getKey = idOf, syncMode = 'eager' } = options
  const client = 'client' in options ? options.client : sharedClient(options.transport)
  // Before anything is mounted: it is a way to the server and back.
  if (syncMode === 'on-demand') SUBSETS.begin()
  else if (where) FILTERS.begin()
  const syncState = createReadable<CollectionSyncState>(IDLE)
  const feed: { current: { readonly counts: CollectionStats } | undefined } = { current: undefined }
  const fed = (current: typeof feed.current) => {
    feed.current = current
  }
  const page = new PageRows((error) => insideOf(client).report(error))
  const utils: UtilsMembers<SyncApi> = {
    client,
    table,
    syncState: { get: syncState.get, subscribe: syncState.subscribe },
    stats: () => feed.current?.counts ?? NOTHING,
  }
  const made: DoCollectionOptions<object> = {
    ...(id === undefined ? {} : { id }),
    getKey,
    gcTime,
    syncMode,
    sync: {
      rowUpdateMode: 'full',
      sync: (surface) =>
        mountCollection(engineOf(client), surface, {
          table,
          where,
          syncMode,
          getKey,
          tell: syncState.set,
          page,
          fed,
        }),
      exportSyncMeta: page.exportSyncMeta,
      importSyncMeta: page.importSyncMeta,
      mergeSyncMeta: page.mergeSyncMeta,
    },
    onInsert: client.mutationFn,
    onUpdate: client.mutationFn,
    onDelete: client.mutationFn,
    utils: utils as SyncUtils,
  }
  return withFactory(made, () => collectionOptions(options))
}

const NOTHING: CollectionStats = { rows: 0, subscriptions: 0, received: 0 }

export type AnyOptions = CommonOptions & { readonly where?: AnyWhere } & {
  readonly table: string
  readonly getKey?: (row: object) => string
} & ({ readonly client: SyncClient } | { readonly transport: Transport })

const idOf = (row: object): string => (row as { readonly id: string }).id

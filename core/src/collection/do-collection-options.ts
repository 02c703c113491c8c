import { sharedClient } from '../client/shared-client.ts'
import { engineOf, type SyncClient } from '../client/sync-client.ts'
import { type CollectionSyncState, IDLE } from '../status/collection-sync-state.ts'
import { createReadable, type Readable } from '../status/readable.ts'
import type { Transport } from '../transport/transport.ts'
import type { SyncApi, SyncApiOf } from '../wire/index.ts'
import type { CollectionOptionsShape } from './collection-options-shape.ts'
import { mountCollection } from './mount-collection.ts'

/** What a collection of a Durable Object carries as `collection.utils`. */
export interface SyncUtils<Api = SyncApi> {
  /** The client that feeds the collection. */
  readonly client: SyncClient<Api>
  /** The table that it shows. */
  readonly table: string
  /** How the rows relate to the server's. */
  readonly syncState: Readable<CollectionSyncState>
}

/** Options for TanStack DB's `createCollection`, of any supported version. */
export type DoCollectionOptions<Row extends object, Api = SyncApi> = CollectionOptionsShape<
  Row,
  SyncUtils<Api>
>

interface CommonOptions {
  /** The collection's id in TanStack DB. Default: TanStack DB makes one up. */
  readonly id?: string
  /**
   * When to clean up the collection after its last subscriber has gone, in milliseconds. Default 0: never. A clean-up drops what is shown
   * of unconfirmed writes, so a positive number should be longer than your users are offline.
   */
  readonly gcTime?: number
}

/** `getKey` must return the key column, whose values are text. It may be left out when that column is `id`. */
type KeyOption<Row, Key> = Key extends 'id'
  ? { readonly getKey?: (row: Row) => string }
  : { readonly getKey: (row: Row) => string }

type HasIdKey<Row> = Row extends { readonly id: string } ? 'id' : string

type CollectionsOf<Api> = SyncApiOf<Api>['collections']
type TableOf<Api> = keyof CollectionsOf<Api> & string
type RowOf<Api, Table extends TableOf<Api>> = CollectionsOf<Api>[Table]['row']
type KeyOf<Api, Table extends TableOf<Api>> = CollectionsOf<Api>[Table]['key']

/**
 * Options for an eager collection over one table of a Durable Object: all its rows, kept up to date, written optimistically.
 *
 * With a `client` of type `SyncClient<Api>` the row and the key follow from the table's name. With a bare `transport`, name the row:
 * `doCollectionOptions<Message>({ transport, table: 'messages' })`; all collections of one transport share one client.
 */
export function doCollectionOptions<Row extends object>(
  options: { readonly transport: Transport; readonly table: string } & CommonOptions &
    KeyOption<Row, HasIdKey<Row>>,
): DoCollectionOptions<Row>
export function doCollectionOptions<Api, Table extends TableOf<Api>>(
  options: { readonly client: SyncClient<Api>; readonly table: Table } & CommonOptions &
    KeyOption<RowOf<Api, Table>, KeyOf<Api, Table>>,
): DoCollectionOptions<RowOf<Api, Table>, Api>
export function doCollectionOptions(options: AnyOptions): DoCollectionOptions<object> {
  const { id, table, gcTime = 0, getKey = idOf } = options
  const client = 'client' in options ? options.client : sharedClient(options.transport)
  const syncState = createReadable<CollectionSyncState>(IDLE)
  const write = ({ transaction }: Parameters<typeof client.mutationFn>[0]) =>
    client.mutationFn({ transaction })
  return {
    ...(id === undefined ? {} : { id }),
    getKey,
    gcTime,
    sync: {
      rowUpdateMode: 'full',
      sync: (surface) =>
        mountCollection(engineOf(client), { collection: table }, surface, getKey, syncState.set),
    },
    onInsert: write,
    onUpdate: write,
    onDelete: write,
    utils: { client, table, syncState: { get: syncState.get, subscribe: syncState.subscribe } },
  }
}

type AnyOptions = CommonOptions & { readonly table: string; readonly getKey?: (row: object) => string } & (
    | { readonly client: SyncClient }
    | { readonly transport: Transport }
  )

const idOf = (row: object): string => (row as { readonly id: string }).id

import type { SyncClient } from '../client/sync-client.ts'
import type { SyncClientOptions } from '../client/sync-client-options.ts'
import type { RowOf, TableOf } from '../collection/do-collection-options.ts'
import type { Transport } from '../transport/transport.ts'
import type { ColumnKind, RefusalCode, Snapshot, SnapshotRequest, SyncApiOf } from '../wire/index.ts'

/** A table, as `defineCollection` says it. */
export interface TestCollection<Row> {
  /** The key column. Default `id`. */
  readonly pk?: keyof Row & string
  /** Kinds of columns for which SQLite has no type: `{ done: 'boolean', dueAt: 'date' }`. */
  readonly columns?: { readonly [Column in keyof Row]?: ColumnKind }
  /** What is there from the beginning. Default: nothing. */
  readonly rows?: readonly Row[]
}

type CommandsOf<Api> = SyncApiOf<Api>['commands']

export interface TestServerOptions<Api> {
  readonly collections: { readonly [Table in TableOf<Api>]?: TestCollection<RowOf<Api, Table>> }
  /**
   * What commands do, to the server that they are handed, and return. A throw rejects the command: a `MutationRejectedError` with its own code, anything else with `execute-failed`.
   * One that is not named is rejected with `unknown-command`.
   */
  readonly commands?: {
    readonly [Name in keyof CommandsOf<Api>]?: (
      args: CommandsOf<Api>[Name]['args'],
      server: TestServer<Api>,
    ) => CommandsOf<Api>[Name]['result']
  }
  /** Who its clients are: where they have a storage, its `user`. Default `me`. */
  readonly user?: string
}

/** How a write is refused. */
export interface TestRejection {
  /** Default `denied`. */
  readonly code?: string
  /** What the user is told. Default `not allowed`. */
  readonly message?: string
  /** As a schema would say it, field by field. */
  readonly details?: unknown
}

/**
 * A Durable Object in memory, for tests of components: it evaluates filters and windows, keeps the order of writes, and answers one that comes again
 * as it did the first time. It has no SQL, no schema and no rules: it takes every write that fits its rows, until it is told otherwise.
 */
export interface TestServer<Api> {
  /** A client of it, which connects again within milliseconds. `options` go to the client. */
  readonly client: (options?: Omit<SyncClientOptions, 'transport'>) => SyncClient<Api>
  /** A way to it for a client of your own making; each needs one of its own. */
  readonly transport: () => Transport
  /** What it has, in the order of keys. */
  readonly rows: <Table extends TableOf<Api>>(table: Table) => RowOf<Api, Table>[]
  /** Somebody else inserts rows, or replaces those with the same key. */
  readonly put: <Table extends TableOf<Api>>(table: Table, ...rows: readonly RowOf<Api, Table>[]) => void
  /** Somebody else deletes rows. */
  readonly delete: (table: TableOf<Api>, ...keys: readonly string[]) => void
  /**
   * What `snapshot` of the object would return, for a page that is rendered on a server. `where` is a plain object; with `orderBy` and `limit`
   * it is a window. Throws, as that does, an Error with the code in its message: of a table that is refused, of one of the two without the other.
   */
  readonly snapshot: (request: SnapshotRequest & { readonly table: TableOf<Api> }) => Snapshot
  /** The next mutation or command that arrives is rejected; called twice, the next two are. */
  readonly rejectNext: (rejection?: TestRejection) => void
  /** From here on it serves `table` to nobody: collections that show it are refused. Default code `read-denied`. */
  readonly refuse: (table: TableOf<Api>, code?: RefusalCode) => void
  /** It serves `table` again, to those that ask: whoever was refused does when it next connects. */
  readonly serve: (table: TableOf<Api>) => void
  /** From here on nothing that it says arrives, while it hears everything: writes take effect and stay unconfirmed, a new collection loads. */
  readonly hold: () => void
  /** What was held arrives, in order. */
  readonly release: () => void
  /** All connections break, and none comes about until `reconnect`. */
  readonly disconnect: () => void
  /** Connections come about again, as soon as clients try. */
  readonly reconnect: () => void
  /** How many connections there are. */
  readonly connections: number
  /** How many subscriptions it serves on them. */
  readonly subscriptions: number
  /** Closes the clients that it has made, and breaks all other connections. */
  readonly close: () => Promise<void>
}

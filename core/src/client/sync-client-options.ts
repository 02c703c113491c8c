import type { SyncObserver } from '../observer/sync-event.ts'
import type { SessionTimings } from '../session/session-timings.ts'
import type { Transport } from '../transport/transport.ts'
import type { QueuedCommands } from './command-gate.ts'
import type { Environment } from './environment.ts'
import type { MigrateMutation } from './migrate-mutation.ts'
import type { StorageFactory } from './storage-factory.ts'

export interface SyncClientOptions {
  /** The pipe to one Durable Object. It belongs to this client alone. */
  readonly transport: Transport
  /**
   * Where rows and unsent writes are kept beyond the page: `indexedDBStorage({ name, user })`. Default: nowhere, and unsent writes are gone
   * with the page. With it, say `settleOn`.
   */
  readonly storage?: StorageFactory
  /**
   * When a transaction is persisted (`tx.isPersisted`). `server`: once the server has confirmed it; it rejects when the server refuses.
   * `device`: once it is kept on this device; what the server says of it is on `whenConfirmed` and `failedWrites`. Default without storage:
   * `server`. With storage it must be said.
   */
  readonly settleOn?: 'server' | 'device'
  /**
   * Under which names the storage keeps what belongs to this object. Default: the origin and the path of the transport's URL; needed where
   * that is a function.
   */
  readonly keptAs?: { readonly endpoint: string; readonly room: string }
  /**
   * The version of the app's own schema, by which a later version of the app knows what it finds of unsent writes. Default 1.
   */
  readonly schemaVersion?: number
  /**
   * Which commands wait for a connection, and with `storage` also for the next page: `'all'`, or their names. The others are refused with
   * `ConnectionError` `command-offline` while there is none. Default: all without storage, none with it.
   */
  readonly queueCommands?: QueuedCommands
  /** Brings unsent writes of another `schemaVersion` up to date. Default: they are sent as they are. */
  readonly migrateMutation?: MigrateMutation
  /** Waiting times of the connection, in milliseconds. Each has its own default. */
  readonly timings?: Partial<SessionTimings>
  /**
   * Hears everything that the client does, for tools: `createRecorder` of `@durable-sync/core/devtools` makes one. It must be quick, and not use
   * the client. What it throws is reported once. Default: nobody, and nothing is done for it.
   */
  readonly observer?: SyncObserver
  /** The platform. Default: the browser's, or Node's. Only tests hand in their own. */
  readonly environment?: Environment
}

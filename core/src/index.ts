export {
  type AllFailedWrites,
  type AllPendingWrites,
  NO_FAILURES_AT_ALL,
  NO_WRITES_AT_ALL,
} from './client/all-writes.ts'
export type { CommandCaller } from './client/command-caller.ts'
export type { QueuedCommands } from './client/command-gate.ts'
export { type CreateSyncOptions, createSync } from './client/create-sync.ts'
export type { Environment } from './client/environment.ts'
export type { FlushSummary } from './client/flush-room.ts'
export type { LogoutOptions } from './client/logout.ts'
export type { MigrateMutation, StoredMutation, StoredOp } from './client/migrate-mutation.ts'
export {
  type AnySync,
  type AnySyncClient,
  type ClientRef,
  nearestClient,
  type Provided,
  providedBy,
  type SyncSource,
} from './client/nearest-client.ts'
export type { Register, RegisteredApi } from './client/register.ts'
export type { RoomUrl } from './client/room-url.ts'
export type { StorageFactory } from './client/storage-factory.ts'
export type { StorageReadable, StorageStatus, StorageUsage } from './client/storage-status.ts'
export type { Sync } from './client/sync.ts'
export { SyncClient } from './client/sync-client.ts'
export type { SyncClientOptions } from './client/sync-client-options.ts'
export type {
  CollectionOptionsShape,
  SyncRun,
  SyncSurface,
  TransactionLike,
  TransactionMutation,
} from './collection/collection-options-shape.ts'
export type { Where } from './collection/collection-where.ts'
export { extendedOptions } from './collection/config-factory.ts'
export {
  type CollectionStats,
  type DoCollectionOptions,
  doCollectionOptions,
  type RowOf,
  type SyncUtils,
  type TableOf,
} from './collection/do-collection-options.ts'
export type { ExpressionLike, OrderByLike, SubsetRequest } from './collection/expression-like.ts'
export {
  AuthError,
  ConnectionError,
  MutationRejectedError,
  OutcomeUnknownError,
  ProtocolError,
  SyncError,
} from './errors.ts'
export type {
  FrameEvent,
  ObservedClient,
  PositionEvent,
  SessionMoved,
  StatusEvent,
  StorageEvent,
  SubscriptionMoved,
  SyncEvent,
  SyncObserver,
  TabEvent,
  WriteEvent,
} from './observer/sync-event.ts'
export { type IndexedDBStorageOptions, indexedDBStorage } from './persistence/indexeddb-storage.ts'
export { memoryDevice } from './persistence/memory-device.ts'
export type { MemoryReason, StorageHealth } from './persistence/storage-health.ts'
export type { SessionTimings } from './session/session-timings.ts'
export type { Shareable, SharedCollection } from './shared/held-collection.ts'
export {
  type SharedCollectionSpec,
  sharedCollection,
} from './shared/shared-collection.ts'
export type { CollectionSyncState } from './status/collection-sync-state.ts'
export type { ConnectionStatus } from './status/connection-status.ts'
export {
  type FailedOp,
  type FailedWrite,
  type FailedWrites,
  NO_FAILED_WRITES,
} from './status/failed-writes.ts'
export { NO_PENDING_WRITES, type PendingWrite, type PendingWrites } from './status/pending-writes.ts'
export type { Readable } from './status/readable.ts'
export type { OpenRequest, SocketEnd, Transport, TransportListener } from './transport/transport.ts'
export { WebSocketTransport, type WebSocketTransportOptions } from './transport/websocket-transport.ts'
export { filter } from './wire/filter.ts'
export type { Filter, FilterExpression, FilterObject, Snapshot } from './wire/index.ts'

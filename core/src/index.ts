export type { CommandCaller } from './client/command-caller.ts'
export type { Environment } from './client/environment.ts'
export { SyncClient, type SyncClientOptions } from './client/sync-client.ts'
export type {
  CollectionOptionsShape,
  SyncRun,
  SyncSurface,
  TransactionLike,
  TransactionMutation,
} from './collection/collection-options-shape.ts'
export type { Where } from './collection/collection-where.ts'
export {
  type CollectionStats,
  type DoCollectionOptions,
  doCollectionOptions,
  type SyncUtils,
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
export { type IndexedDBStorageOptions, indexedDBStorage } from './persistence/indexeddb-storage.ts'
export { memoryDevice } from './persistence/memory-device.ts'
export type { StorageFactory } from './persistence/room-storage.ts'
export type { SessionTimings } from './session/session-timings.ts'
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
export { type Filter, type FilterExpression, type FilterObject, filter } from './wire/index.ts'

export {
  CloseCode,
  DEFAULT_LIMITS,
  type Limits,
  type Snapshot,
  type SnapshotOrder,
  type SnapshotRequest,
} from '@durable-sync/core/wire'
export type { Connection } from './connection.ts'
export type { ObjectSync } from './object-sync.ts'
export type {
  CheckContext,
  CollectionOptions,
  CommandContext,
  CommandDefinition,
  DeleteOp,
  EmptyApi,
  Filter,
  FilterExpression,
  FilterObject,
  InsertOp,
  KeyColumn,
  MutationContext,
  MutationDefinition,
  MutationType,
  OpOf,
  RequiredKinds,
  SchemaIssue,
  SchemaResult,
  Sql,
  SqlBinding,
  SqlCursor,
  SqlValue,
  StandardSchema,
  UpdateOp,
  Verdict,
} from './registry/index.ts'
export { filter, RegistryError, SyncRegistry } from './registry/index.ts'
export { CLAIMS_HEADER, type RouteSyncOptions, routeSync, type SyncNamespace } from './route-sync.ts'
export { SetupError } from './setup-error.ts'
export { SyncDurableObject } from './sync-durable-object.ts'
export type { SyncEvent } from './sync-event.ts'
export type { SyncOptions } from './sync-options.ts'
export { Syncable, type SyncableOptions, type Synced } from './syncable.ts'

export { type Filter, type FilterExpression, type FilterObject, filter } from '@durable-sync/core/wire'
export type { CollectionOptions, KeyColumn, RequiredKinds } from './collection-definition.ts'
export type { CommandContext, CommandDefinition } from './command-definition.ts'
export type {
  CheckContext,
  DeleteOp,
  InsertOp,
  MutationContext,
  MutationDefinition,
  MutationType,
  OpOf,
  UpdateOp,
  Verdict,
} from './mutation-definition.ts'
export { RegistryError } from './registry-error.ts'
export type { Sql, SqlBinding, SqlCursor, SqlValue } from './sql.ts'
export type { SchemaIssue, SchemaResult, StandardSchema } from './standard-schema.ts'
export { type EmptyApi, SyncRegistry } from './sync-registry.ts'

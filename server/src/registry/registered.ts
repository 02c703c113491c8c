import type { ColumnKind, filter } from '@durable-sync/core/wire'
import type { MutationType } from './mutation-definition.ts'
import type { Sql, SqlBinding } from './sql.ts'
import type { StandardSchema } from './standard-schema.ts'

/** An operation whose row type is no longer known. */
export interface ErasedOp {
  readonly type: MutationType
  readonly collection: string
  readonly key: string
  readonly cols: Readonly<Record<string, unknown>>
  readonly stored: Readonly<Record<string, SqlBinding>>
}

interface ErasedContext {
  readonly user: unknown
  readonly sql: Sql
  readonly env: unknown
}

/** A mutation definition as the executor calls it, its types checked where it was defined. */
export interface ErasedMutation {
  readonly schema?: StandardSchema
  readonly writable?: readonly string[]
  authorize?(context: ErasedContext & { readonly op: ErasedOp }): unknown
  check?(
    context: ErasedContext & {
      readonly op: ErasedOp
      readonly row: Readonly<Record<string, unknown>> | null
    },
  ): unknown
  execute?(context: ErasedContext & { readonly op: ErasedOp }): unknown
  afterCommit?(context: ErasedContext & { readonly op: ErasedOp }): unknown
}

export interface ErasedCollection {
  readonly table: string
  readonly pk: string
  readonly kinds: Readonly<Record<string, ColumnKind>>
  /** Absent: whoever is let in may read every row. */
  readonly readFilter:
    | ((context: { readonly user: unknown; readonly filter: typeof filter }) => unknown)
    | undefined
  readonly mutations: Map<MutationType, ErasedMutation>
}

export interface ErasedCommand {
  readonly name: string
  readonly schema?: StandardSchema
  authorize?(context: ErasedContext & { readonly args: unknown }): unknown
  execute(context: ErasedContext & { readonly args: unknown }): unknown
}

/** What the engine needs of a registry. */
export interface Registered {
  readonly collections: ReadonlyMap<string, ErasedCollection>
  readonly commands: ReadonlyMap<string, ErasedCommand>
}

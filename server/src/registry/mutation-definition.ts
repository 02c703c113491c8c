import type { Sql, SqlBinding } from './sql.ts'
import type { StandardSchema } from './standard-schema.ts'

export type MutationType = 'insert' | 'update' | 'delete'

interface OpBase<T extends MutationType, Cols> {
  readonly type: T
  readonly collection: string
  readonly key: string
  /** Insert: the full row. Update: the changed columns. Delete: empty. Column kinds are applied. */
  readonly cols: Cols
  /** `cols` in storage values, ready to be bound. */
  readonly stored: Readonly<Record<string, SqlBinding>>
}
export type InsertOp<Row> = OpBase<'insert', Row>
export type UpdateOp<Row> = OpBase<'update', Partial<Row>>
export type DeleteOp = OpBase<'delete', Readonly<Record<never, never>>>
export type OpOf<T extends MutationType, Row> = T extends 'insert'
  ? InsertOp<Row>
  : T extends 'update'
    ? UpdateOp<Row>
    : DeleteOp

export interface MutationContext<Claims, Env, Op> {
  /** The claims of the socket that the write came on. */
  readonly user: Claims
  readonly op: Op
  readonly sql: Sql
  readonly env: Env
}

export interface CheckContext<Claims, Env, Op, Row> extends MutationContext<Claims, Env, Op> {
  /** The row as it is now, inside the transaction, kinds applied; null when there is none. */
  readonly row: Row | null
}

/** A denial: throw an error whose message the client may read, or return false. */
// biome-ignore lint/suspicious/noConfusingVoidType: a handler that returns nothing allows
export type Verdict = boolean | void

interface MutationSteps<Claims, Env, Row, T extends MutationType> {
  readonly collection: string
  readonly type: T
  /** A gate on `cols`, not a parser: what it returns is dropped. A failure is rejected with `invalid`. */
  readonly schema?: StandardSchema
  /** Before the transaction; may be asynchronous. A throw or false denies; the message of a throw reaches the client. */
  authorize?(context: MutationContext<Claims, Env, OpOf<T, Row>>): Verdict | Promise<Verdict>
  /** Inside the transaction, synchronous. A throw or false denies; the message of a throw reaches the client. */
  check?(context: CheckContext<Claims, Env, OpOf<T, Row>, Row>): Verdict
  /** After the write was announced. What it writes is announced too. A throw is logged and changes nothing. */
  afterCommit?(context: MutationContext<Claims, Env, OpOf<T, Row>>): unknown
}

interface Executed<Claims, Env, Row, T extends MutationType> extends MutationSteps<Claims, Env, Row, T> {
  /** Inside the transaction, synchronous: a returned promise rolls back. A throw rolls back; its text stays on the server. */
  execute(context: MutationContext<Claims, Env, OpOf<T, Row>>): void
  readonly writable?: never
}

interface Generated<Claims, Env, Row, T extends MutationType> extends MutationSteps<Claims, Env, Row, T> {
  readonly execute?: never
  /** The columns that a client may set, the key aside. The library writes the SQL; any other column is rejected. */
  readonly writable: readonly (keyof Row & string)[]
}

interface GeneratedDelete<Claims, Env, Row> extends MutationSteps<Claims, Env, Row, 'delete'> {
  readonly execute?: never
  readonly writable?: never
}

/** How one operation on one collection is checked and carried out. An operation without a definition is rejected. */
export type MutationDefinition<Claims, Env, Row, T extends MutationType> =
  | Executed<Claims, Env, Row, T>
  | (T extends 'delete' ? GeneratedDelete<Claims, Env, Row> : Generated<Claims, Env, Row, T>)

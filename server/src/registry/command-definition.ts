import type { Verdict } from './mutation-definition.ts'
import type { Sql } from './sql.ts'
import type { StandardSchema } from './standard-schema.ts'

export interface CommandContext<Claims, Env, Args> {
  readonly user: Claims
  readonly args: Args
  readonly sql: Sql
  readonly env: Env
}

/** A named call: it runs once, in order with the client's writes, and its result is replayed to a resend. */
export interface CommandDefinition<Claims, Env, Name extends string, Args, Result> {
  readonly name: Name
  /** A gate on the arguments; also types them. A failure is rejected with `invalid`. */
  readonly schema?: StandardSchema<Args>
  /** Before the transaction; may be asynchronous. A throw or false denies; the message of a throw reaches the client. */
  authorize?(context: CommandContext<Claims, Env, Args>): Verdict | Promise<Verdict>
  /** Inside the transaction, synchronous. The result must be plain JSON of at most 256 KB. */
  execute(context: CommandContext<Claims, Env, Args>): Result
}

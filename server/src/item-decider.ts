import { type Limits, type Outcome, type PushItem, utf8Bytes } from '@durable-sync/core/wire'
import { constraintMessage } from './constraint-message.ts'
import { readCurrentRow } from './current-row.ts'
import { writeGenerated } from './generated-write.ts'
import type { Deferral } from './installation.ts'
import { decodeOp } from './op-values.ts'
import { plainJson } from './plain-json.ts'
import type { ErasedCommand, ErasedMutation, ErasedOp, Registered } from './registry/registered.ts'
import type { Sql } from './registry/sql.ts'
import type { StandardSchema } from './registry/standard-schema.ts'
import { isThenable, Rejection } from './rejection.ts'
import type { SyncEventSink } from './sync-event.ts'
import type { TableSchema } from './table-schema.ts'

interface PreparedOp {
  readonly op: ErasedOp
  readonly definition: ErasedMutation
  readonly schema: TableSchema
}

/** An item whose input is well-formed; what remains is permission and execution. */
export type Prepared =
  | { readonly do: 'mutate'; readonly ops: readonly PreparedOp[] }
  | { readonly do: 'call'; readonly command: ErasedCommand; readonly args: unknown }

export interface DeciderHost {
  readonly storage: DurableObjectStorage
  readonly sql: Sql
  readonly env: unknown
  readonly limits: Limits
  readonly registry: Registered
  readonly schemas: ReadonlyMap<string, TableSchema>
  readonly deferral: Deferral
  readonly event: SyncEventSink
}

/** Decides one mutation or command: input, permission, execution. Knows nothing of numbers, sockets and receipts. */
export class ItemDecider {
  readonly #host: DeciderHost

  constructor(host: DeciderHost) {
    this.#host = host
  }

  /** @throws Rejection on input that can never be carried out. */
  prepare(item: Exclude<PushItem, { do: 'skip' }>): Prepared {
    const { registry, schemas, limits } = this.#host
    if (item.do === 'call') {
      const command = registry.commands.get(item.name)
      if (!command) throw new Rejection('unknown-command', `there is no command "${item.name}"`)
      return { do: 'call', command, args: item.args }
    }
    const { excess, ops: said } = item
    if (excess !== undefined || said.length > limits.opsPerMutation)
      throw new Rejection(
        'too-many-ops',
        `${excess ?? said.length} operations in one mutation, ${limits.opsPerMutation} are allowed`,
      )
    const ops = said.map((op) => {
      const schema = schemas.get(op.collection)
      const collection = registry.collections.get(op.collection)
      if (!schema || !collection)
        throw new Rejection('unknown-collection', `there is no collection "${op.collection}"`)
      const definition = collection.mutations.get(op.type)
      if (!definition)
        throw new Rejection(
          'unhandled-operation',
          `"${op.type}" on "${op.collection}" is not open to clients`,
        )
      return { op: decodeOp(op, schema, limits), definition, schema }
    })
    return { do: 'mutate', ops }
  }

  /**
   * Schemas and `authorize`. A promise only if one of them returned one: everything synchronous stays in the turn.
   * @throws Rejection, or rejects with one.
   */
  permit(prepared: Prepared, user: unknown): Promise<void> | undefined {
    const { sql, env } = this.#host
    const steps: (() => unknown)[] =
      prepared.do === 'call'
        ? [
            () => validate(prepared.command.schema, prepared.args),
            () => verdict(() => prepared.command.authorize?.({ user, args: prepared.args, sql, env })),
          ]
        : prepared.ops.flatMap(({ op, definition }) => [
            ...(definition.schema && op.type !== 'delete'
              ? [() => validate(definition.schema, { ...op.cols })]
              : []),
            ...(definition.authorize
              ? [() => verdict(() => definition.authorize?.({ user, op, sql, env }))]
              : []),
          ])
    return runSteps(steps, 0)
  }

  /**
   * Runs everything in the caller's transaction. Returns the outcome, as JSON text of its result for a command.
   * @throws Rejection after which the caller must roll back.
   */
  execute(prepared: Prepared, user: unknown): Outcome {
    if (prepared.do === 'call') return this.#call(prepared.command, prepared.args, user)
    for (const { op, definition, schema } of prepared.ops) this.#write(op, definition, schema, user)
    this.#checkDeferred()
    return { is: 'committed' }
  }

  /** After the announcement: each operation's `afterCommit`, isolated. */
  afterCommit(prepared: Prepared, user: unknown): Promise<unknown> | undefined {
    if (prepared.do === 'call') return undefined
    const { sql, env, event } = this.#host
    const hooks = prepared.ops.filter(({ definition }) => definition.afterCommit)
    if (hooks.length === 0) return undefined
    return Promise.all(
      hooks.map(async ({ op, definition }) => {
        try {
          await definition.afterCommit?.({ user, op, sql, env })
        } catch (error) {
          event({ type: 'error', where: 'afterCommit', error })
        }
      }),
    )
  }

  #write(op: ErasedOp, definition: ErasedMutation, schema: TableSchema, user: unknown): void {
    const { storage, sql, env } = this.#host
    if (definition.check) {
      const row = readCurrentRow(storage.sql, schema, op.key)
      const returned = guarded(() => definition.check?.({ user, op, row, sql, env }))
      if (isThenable(returned)) this.#refuseAsync(`check of "${op.type}" on "${op.collection}"`, returned)
      denyUnless(returned)
    }
    if (!definition.execute) {
      this.#sanitised(() => writeGenerated(storage.sql, schema, definition, op), schema)
      return
    }
    const returned = this.#sanitised(() => definition.execute?.({ user, op, sql, env }), schema)
    if (isThenable(returned)) this.#refuseAsync(`execute of "${op.type}" on "${op.collection}"`, returned)
  }

  #call(command: ErasedCommand, args: unknown, user: unknown): Outcome {
    const { sql, env, limits } = this.#host
    const returned = this.#sanitised(() => command.execute({ user, args, sql, env }))
    if (isThenable(returned)) this.#refuseAsync(`execute of the command "${command.name}"`, returned)
    this.#checkDeferred()
    if (returned === undefined) return { is: 'committed' }
    const result = plainJson(returned)
    if (!result.ok)
      throw new Rejection('result-unserialisable', `the result is not plain JSON: ${result.why}`)
    const bytes = utf8Bytes(result.text)
    if (bytes > limits.resultBytes)
      throw new Rejection(
        'result-too-large',
        `the result has ${bytes} bytes, ${limits.resultBytes} are allowed`,
      )
    return { is: 'committed', result: JSON.parse(result.text) }
  }

  /** What `execute` throws stays here: SQLite's messages name tables and columns. Of the table that the client writes it may know them. */
  #sanitised<T>(run: () => T, written?: TableSchema): T {
    const { event, storage } = this.#host
    try {
      return run()
    } catch (error) {
      if (error instanceof Rejection) throw error
      event({ type: 'error', where: 'execute', error })
      if (!(error instanceof Error && error.message.includes('SQLITE_CONSTRAINT')))
        throw new Rejection('execute-failed', 'the server could not carry this out')
      const told = written ? constraintMessage(storage.sql, written, error) : null
      throw new Rejection('constraint-failed', told ?? 'a constraint of the table refused the write')
    }
  }

  #refuseAsync(what: string, promise: PromiseLike<unknown>): never {
    promise.then(undefined, () => undefined)
    const message = `${what} returned a promise: it must be synchronous, because it runs inside the transaction. It was rolled back.`
    this.#host.event({ type: 'error', where: 'execute', error: new Error(message) })
    throw new Rejection('handler-async', 'the server could not carry this out')
  }

  /**
   * A deferred violation is only found by the real commit, which then fails for the whole turn and closes every socket. So it is looked
   * for here, where one item can still be rejected.
   */
  #checkDeferred(): void {
    const { deferral, storage } = this.#host
    if (deferral === 'never') return
    const { sql } = storage
    const deferred =
      deferral === 'declared' ||
      sql.exec<{ defer_foreign_keys: number }>('PRAGMA defer_foreign_keys').one().defer_foreign_keys === 1
    if (deferred && sql.exec('PRAGMA foreign_key_check').toArray().length > 0)
      throw new Rejection('constraint-failed', 'a reference of the row does not exist')
  }
}

function runSteps(steps: readonly (() => unknown)[], from: number): Promise<void> | undefined {
  for (let i = from; i < steps.length; i++) {
    const returned = steps[i]?.()
    if (isThenable(returned)) return Promise.resolve(returned).then(() => runSteps(steps, i + 1))
  }
  return undefined
}

/** Outcomes are stored: a schema that complains about every element of a large input must not fill the table. */
const MAX_ISSUES = 20
const MAX_ISSUE_TEXT = 200

function validate(schema: StandardSchema | undefined, value: unknown): unknown {
  if (!schema) return undefined
  const check = (result: Awaited<ReturnType<StandardSchema['~standard']['validate']>>) => {
    if (!result.issues) return
    const details = result.issues.slice(0, MAX_ISSUES).map((issue) => ({
      message: issue.message.slice(0, MAX_ISSUE_TEXT),
      path: (issue.path ?? [])
        .slice(0, MAX_ISSUES)
        .map((part) => String(typeof part === 'object' ? part.key : part).slice(0, MAX_ISSUE_TEXT)),
    }))
    throw new Rejection('invalid', details[0]?.message ?? 'the input is invalid', details)
  }
  const result = schema['~standard'].validate(value)
  return isThenable(result) ? Promise.resolve(result).then(check) : check(result)
}

function verdict(ask: () => unknown): unknown {
  const returned = guarded(ask)
  return isThenable(returned) ? Promise.resolve(returned).then(denyUnless, deny) : denyUnless(returned)
}

/** What the author throws is a denial, and its message is meant for the client. */
function guarded(ask: () => unknown): unknown {
  try {
    return ask()
  } catch (error) {
    return deny(error)
  }
}

function deny(error: unknown): never {
  if (error instanceof Rejection) throw error
  throw new Rejection('denied', isMeant(error) ? error.message : 'not allowed')
}

/** A slip of the author's, or of SQLite, has a message as well, and it is not meant for the client. */
function isMeant(error: unknown): error is Error {
  const slips = [TypeError, RangeError, ReferenceError, SyntaxError]
  return (
    error instanceof Error &&
    error.message !== '' &&
    !error.message.includes('SQLITE_') &&
    !slips.some((slip) => error instanceof slip)
  )
}

function denyUnless(returned: unknown): void {
  if (returned === false) throw new Rejection('denied', 'not allowed')
}

import type { Sql, SqlBinding, SqlCursor, SqlValue } from './registry/sql.ts'

/**
 * A value as workerd must be given it. Left alone it stores `true` as the text "true", a Date as its English spelling and an object as
 * "[object Object]", and it cannot bind a bigint at all.
 * @throws TypeError on a value that has no storage form.
 */
export function storageBinding(value: unknown): SqlValue | ArrayBufferView {
  if (value === null || typeof value === 'string') return value
  if (typeof value === 'number') {
    if (Number.isNaN(value)) throw new TypeError('NaN cannot be stored: bind null')
    return value
  }
  if (typeof value === 'boolean') return value ? 1 : 0
  if (typeof value === 'bigint') return value.toString()
  if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) return value
  if (value === undefined)
    throw new TypeError(
      'undefined cannot be bound: bind null. In op.cols it is a column that the write left out',
    )
  const what = value instanceof Date ? 'a Date' : `a value of type ${typeof value}`
  throw new TypeError(`${what} cannot be bound: bind a storage value, such as op.stored.<column>`)
}

/** SQL with strict bindings, which tells when rows were written so that they are announced. */
export class GuardedSql implements Sql {
  readonly #sql: SqlStorage
  readonly #onWrite: () => void

  constructor(sql: SqlStorage, onWrite: () => void) {
    this.#sql = sql
    this.#onWrite = onWrite
  }

  exec<Row extends Record<string, SqlValue> = Record<string, SqlValue>>(
    query: string,
    ...bindings: SqlBinding[]
  ): SqlCursor<Row> {
    const values = bindings.map(storageBinding)
    const cursor = this.#run<Row>(query, values)
    // A writing statement runs to its end at once, also with RETURNING, so the count is complete here.
    // Of several statements only the last is counted, so a text of several counts as a write.
    if (cursor.rowsWritten > 0 || query.includes(';')) this.#onWrite()
    return cursor as unknown as SqlCursor<Row>
  }

  /** What a statement wrote before it failed stays, unless the caller rolls back. */
  #run<Row extends Record<string, SqlValue>>(query: string, values: readonly unknown[]) {
    try {
      return this.#sql.exec<Row>(query, ...values)
    } catch (error) {
      this.#onWrite()
      throw error
    }
  }
}

/** A value that SQLite stores and hands back. Integers beyond 2^53 are rounded when read this way; `CAST(x AS TEXT)` keeps them. */
export type SqlValue = string | number | null | ArrayBuffer

/**
 * A value that may be bound. A boolean is stored as 1 or 0, a bigint exactly, a view as its bytes. A Date, an object or undefined
 * throws: bind `op.stored`, which holds the row in storage values.
 */
export type SqlBinding = SqlValue | boolean | bigint | ArrayBufferView

export interface SqlCursor<Row extends Record<string, SqlValue>> extends Iterable<Row> {
  toArray(): Row[]
  /** The only row. @throws when there is none, or more than one. */
  one(): Row
  raw<Values extends SqlValue[]>(): IterableIterator<Values>
  readonly columnNames: string[]
  readonly rowsRead: number
  readonly rowsWritten: number
}

/** SQL on the object's own database. Writes are captured and reach every client. */
export interface Sql {
  /** Runs one or more statements; bindings belong to the last. @throws Error with SQLite's message, TypeError on a value that cannot be stored. */
  exec<Row extends Record<string, SqlValue> = Record<string, SqlValue>>(
    query: string,
    ...bindings: SqlBinding[]
  ): SqlCursor<Row>
}

type Cursor = Pick<SqlStorageCursor<Record<string, SqlStorageValue>>, 'rowsRead' | 'rowsWritten'>
type Exec = (query: string, ...bindings: unknown[]) => Cursor

/** As many cursors are remembered before they are counted; no more than a turn has, usually. */
const MANY = 200

/** Counts the rows that an object reads and writes, by whatever statement, as its bill does. */
export class RowCounter {
  /** What is run by this is not counted. */
  readonly uncounted: SqlStorage['exec']
  #read = 0
  #written = 0
  #open: Cursor[] = []

  /** Must come before whoever uses `sql`: its `exec` is replaced, since nothing in an object says what a statement has cost but its cursor. */
  constructor(sql: SqlStorage) {
    this.uncounted = sql.exec.bind(sql)
    const exec = this.uncounted as Exec
    const counted: Exec = (query, ...bindings) => {
      const cursor = exec(query, ...bindings)
      if (this.#open.push(cursor) > MANY) this.#settle()
      return cursor
    }
    Object.defineProperty(sql, 'exec', { value: counted })
  }

  get rows(): { readonly read: number; readonly written: number } {
    this.#settle()
    return { read: this.#read, written: this.#written }
  }

  /** A cursor knows what it has read once it was read to its end, which is later than it is made. */
  #settle(): void {
    for (const { rowsRead, rowsWritten } of this.#open) {
      this.#read += rowsRead
      this.#written += rowsWritten
    }
    this.#open = []
  }
}

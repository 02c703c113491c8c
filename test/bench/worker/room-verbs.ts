import type { RowCounts } from '../../worker/row-counter.ts'

/** The values of a row in the order of the table's columns: id, author, content, created_at. */
export type RowCells = readonly [id: string, author: string, content: string, createdAt: number]

/** What the bench does to a room over HTTP, past every client: `POST /control/<product|floor>/<room>/<verb>`. */
export interface RoomVerbs {
  insert: { args: { readonly rows: readonly RowCells[] }; result: null }
  /** Gives these rows another content. */
  touch: { args: { readonly ids: readonly string[]; readonly content: string }; result: null }
  /** The object is constructed anew; every socket ends. */
  restart: { args: null; result: null }
  /** Does now what keeps a log short and otherwise comes by itself. Nothing where there is none. */
  compact: { args: null; result: null }
  /** Starts to count rows read and written, from zero. Counting costs time, so no timed room does it. */
  count: { args: null; result: null }
  counts: { args: null; result: RoomCounts }
}

export interface RoomCounts extends RowCounts {
  /** In bytes. */
  readonly databaseSize: number
}

/** What both kinds of rooms execute SQL with. */
export interface VerbSql {
  exec(query: string, ...bindings: string[]): unknown
}

export const INSERT_ROWS = `INSERT INTO messages (id, author, content, created_at)
  SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3 FROM json_each(?)`
export const TOUCH_ROWS = 'UPDATE messages SET content = ?1 WHERE id IN (SELECT value FROM json_each(?2))'

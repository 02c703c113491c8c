import { column, literal, quote } from './identifier.ts'
import { PageReader, type RowPage } from './page-reader.ts'
import { rowSql } from './row-sql.ts'
import type { TableSchema } from './table-schema.ts'

/** A changed key and its row as JSON text, or null when there is none. */
export interface DirtyRow {
  readonly key: string
  readonly row: string | null
}

/**
 * Reads rows as the JSON text of their cells, built by SQLite: nothing is decoded or encoded in JavaScript. Statement texts are constant
 * per table, so that each is prepared once.
 */
export class RowReader {
  readonly #sql: SqlStorage
  readonly #pages: PageReader
  readonly #row: string
  readonly #dirty: string
  readonly #nothing: string
  /** The column names as a JSON array. */
  readonly cols: string

  constructor(sql: SqlStorage, schema: TableSchema) {
    this.#sql = sql
    const table = quote(schema.name)
    const key = column(schema.name, schema.key)
    const cells = rowSql(sql, schema)
    this.cols = JSON.stringify(schema.columns.map((c) => c.name))
    const inOrder = `FROM ${table} WHERE ${key} > CAST(? AS TEXT) AND typeof(${key}) = 'text' ORDER BY ${key} LIMIT`
    this.#pages = new PageReader(
      sql,
      {
        rows: `SELECT ${cells} AS row ${inOrder} ?`,
        keyAt: `SELECT hex(${key}) AS hex ${inOrder} 1 OFFSET ?`,
      },
      schema.columns.findIndex(({ name }) => name === schema.key),
    )
    this.#row = `SELECT ${cells} AS row FROM ${table} WHERE ${key} = ?`
    this.#nothing = `SELECT ${cells} AS row FROM ${table} LIMIT 0`
    this.#dirty = `SELECT l.key AS key, CASE WHEN ${key} IS NULL THEN NULL ELSE ${cells} END AS row
      FROM (SELECT DISTINCT key FROM _sync_log WHERE seq > ?1 AND tbl = ${literal(schema.name)}) AS l
      LEFT JOIN ${table} ON ${key} = l.key`
  }

  /** Whether the table and its columns are still there. No row is read. */
  get isReadable(): boolean {
    try {
      return this.#sql.exec(this.#nothing).toArray().length === 0
    } catch {
      return false
    }
  }

  /** Rows after the cursor `after` (all keys are longer than the empty text), in key order, until `maxBytes` of text are reached or nearly; at least one. */
  page(after: string, maxBytes: number): RowPage {
    return this.#pages.page(after, maxBytes)
  }

  /** These keys, each with its row as it is now. Only what is there is read. */
  rowsOf(keys: readonly string[]): DirtyRow[] {
    return keys.map((key) => {
      const [found] = this.#sql.exec<{ row: string }>(this.#row, key).toArray()
      return { key, row: found?.row ?? null }
    })
  }

  /**
   * Every key of this table that changed after `seq`, with its row as it is now; null when that is more than `maxBytes` of text. A row
   * that is not to be kept is as if it were not there.
   */
  changedSince(
    seq: number,
    maxBytes = Number.POSITIVE_INFINITY,
    keep: (row: string) => boolean = () => true,
  ): DirtyRow[] | null {
    const rows: DirtyRow[] = []
    let bytes = 0
    for (const [key, row] of this.#sql.exec(this.#dirty, seq).raw<[string, string | null]>()) {
      const kept = row !== null && keep(row) ? row : null
      rows.push({ key, row: kept })
      bytes += (kept ?? key).length
      if (bytes > maxBytes) return null
    }
    return rows
  }
}

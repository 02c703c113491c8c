import { type Cell, rowMatcher } from '@durable-sync/core/wire'
import { column, quote } from './identifier.ts'
import { boundOf, cursorOfHex } from './key-cursor.ts'
import type { CompiledPredicate } from './predicate-sql.ts'
import { rowSql } from './row-sql.ts'
import type { TableSchema } from './table-schema.ts'

/** Rows in one statement, where the key's own order finds them. */
const PAGE_ROWS = 5000
/** So many bytes are looked at in one turn, whatever is found among them. */
const LOOK_BYTES = 16 * 1024 * 1024
/** Where they are found by an index and sorted, all of them are read before the first: so many are taken at once. */
const SORTED_ROWS = 50_000

/**
 * Reads the rows of one predicate in key order: `RowReader.page` for a part of the table. SQLite likes the order of the key better than
 * an index that would need a sort, however few rows that finds; so where there is such an index, it is told not to.
 */
export class FilteredReader {
  readonly #sql: SqlStorage
  readonly #where: CompiledPredicate
  readonly #select: string
  readonly #key: string
  readonly #matches: (row: string) => boolean
  #plan: { readonly text: string; readonly limit: number } | undefined

  constructor(sql: SqlStorage, schema: TableSchema, where: CompiledPredicate) {
    this.#sql = sql
    this.#where = where
    this.#key = column(schema.name, schema.key)
    this.#select = `SELECT hex(${this.#key}) AS key, ${rowSql(sql, schema)} AS row FROM ${quote(schema.name)}
      WHERE typeof(${this.#key}) = 'text' AND ${where.sql}`
    this.#matches = textMatcher(where, schema)
  }

  /**
   * Like `RowReader.page`: matching rows after the cursor `after`, until `maxBytes` of text are reached; `last` is null when there are no
   * more. A page may be empty and not the last.
   */
  page(after: string, maxBytes: number): { rows: string[]; bytes: number; last: string | null } {
    this.#plan ??= this.#choose()
    const { text, limit } = this.#plan
    const rows: string[] = []
    let bytes = 0
    let looked = 0
    let read = 0
    let hex = ''
    const cursor = this.#sql.exec(text, ...this.#where.params, boundOf(after), limit).raw<[string, string]>()
    for (const [key, row] of cursor) {
      read++
      hex = key
      looked += row.length
      if (this.#matches(row)) {
        rows.push(row)
        bytes += row.length + 1
      }
      if (bytes >= maxBytes || looked >= LOOK_BYTES) return { rows, bytes, last: cursorOfHex(hex) }
    }
    return { rows, bytes, last: read === limit ? cursorOfHex(hex) : null }
  }

  #choose(): { text: string; limit: number } {
    const byKey = { text: this.#text(this.#key), limit: PAGE_ROWS }
    // The plus keeps the key's own index out of it.
    const sorted = { text: this.#text(`+${this.#key}`), limit: SORTED_ROWS }
    return !this.#usesIndex(byKey.text) && this.#usesIndex(sorted.text) ? sorted : byKey
  }

  #text(key: string): string {
    return `${this.#select} AND ${key} > CAST(? AS TEXT) ORDER BY ${key} LIMIT ?`
  }

  /** An index that the author made, not the one of the key. */
  #usesIndex(text: string): boolean {
    const plan = this.#sql.exec<{ detail: string }>(
      `EXPLAIN QUERY PLAN ${text}`,
      ...this.#where.params,
      '',
      PAGE_ROWS,
    )
    const details = plan.toArray().map(({ detail }) => detail)
    return details.some((step) => /^SEARCH .* USING (COVERING )?INDEX (?!sqlite_autoindex_\S+_1 )/.test(step))
  }
}

/** Whether the text of a row, whose table was read under `where`, is one of its rows. */
export function textMatcher(where: CompiledPredicate | null, schema: TableSchema): (row: string) => boolean {
  if (where === null || where.exact) return () => true
  const names = schema.columns.map(({ name }) => name)
  const matches = rowMatcher(where.predicate, names, schema.kinds)
  return (row) => matches(JSON.parse(row) as Cell[])
}

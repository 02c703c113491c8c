import { isExact } from './exact-key.ts'
import { LOG_TABLE } from './internal-tables.ts'

/** So many keys are told apart in memory, at one row read for each of the log. Beyond that SQLite does it, and reads each twice. */
const MAX_KEYS = 40_000
/** So many rows are in memory at a time besides. */
const PAGE = 5000

export interface LogRow extends Record<string, SqlStorageValue> {
  readonly seq: number
  readonly tbl: string
  readonly key: string
  readonly born: number
}

/** The log of dirty keys. Triggers append to it; the newest row is never deleted, so a number is never used twice. */
export class ChangeLog {
  readonly #sql: SqlStorage

  constructor(sql: SqlStorage) {
    this.#sql = sql
  }

  /** The newest number; 0 only before the log was installed. */
  head(): number {
    return this.#sql.exec<{ head: number | null }>('SELECT max(seq) AS head FROM _sync_log').one().head ?? 0
  }

  /** The row `seq` and all that came after it, in their order; null when these are more than `most`. */
  from(seq: number, most: number): LogRow[] | null {
    const rows = this.#sql
      .exec<LogRow>(
        'SELECT seq, tbl, key, born FROM _sync_log WHERE seq >= ? ORDER BY seq LIMIT ?',
        seq,
        most + 1,
      )
      .toArray()
    return rows.length > most ? null : rows
  }

  /** A log that is installed over existing rows starts with a row of nothing, so that "before the first change" is a position too. */
  installOrigin(now: number): void {
    if (this.head() === 0) this.#sql.exec("INSERT INTO _sync_log (tbl, key, born) VALUES ('', '', ?)", now)
  }

  /** Tables that changed after `seq`. */
  tablesSince(seq: number): string[] {
    return this.#sql
      .exec<{ tbl: string }>('SELECT DISTINCT tbl FROM _sync_log WHERE seq > ?', seq)
      .toArray()
      .map((row) => row.tbl)
  }

  /**
   * Keeps the newest row of every key that changed after `floor`, and thereby the head. A position never needs its own row, so none at or
   * above the floor is lost. `left` is how many there are then. A table that is dropped costs no row written, so where few rows stay, they
   * are written again.
   */
  compact(floor: number): { deleted: number; left: number } {
    const first = Math.min(floor + 1, this.head())
    const below = this.#sql
      .exec<{ n: number }>('SELECT count(*) AS n FROM _sync_log WHERE seq < ?', first)
      .one().n
    const found = this.#newest(first)
    if (!found) return this.#compactInSql(first)
    const { rows, kept } = found
    const deleted = below + rows - kept.length
    const isRebuilt = kept.length <= deleted && this.#rebuild(kept)
    if (!isRebuilt) this.#deleteBetween(kept.map(({ seq }) => seq))
    return { deleted, left: kept.length }
  }

  /** How many rows there are from `first` on, and the newest of every key in their order; null when these are too many, or not all can be told apart. */
  #newest(first: number): { rows: number; kept: LogRow[] } | null {
    const newest = new Map<string, LogRow>()
    let rows = 0
    for (let from: number | null = first; from !== null; ) {
      const page: LogRow[] = this.#sql
        .exec<LogRow>(
          'SELECT seq, tbl, key, born FROM _sync_log WHERE seq >= ? ORDER BY seq LIMIT ?',
          from,
          PAGE,
        )
        .toArray()
      for (const row of page) {
        if (!isExact(row.key)) return null
        newest.set(`${row.tbl}\0${row.key}`, row)
      }
      if (newest.size > MAX_KEYS) return null
      rows += page.length
      const last = page.length === PAGE ? page.at(-1) : undefined
      from = last ? last.seq + 1 : null
    }
    return { rows, kept: [...newest.values()].sort((a, b) => a.seq - b.seq) }
  }

  /** False when somebody is reading. */
  #rebuild(kept: readonly LogRow[]): boolean {
    try {
      this.#sql.exec('DROP TABLE _sync_log')
    } catch {
      // "database table is locked": any cursor that was not read to its end, the author's included, keeps tables from being dropped.
      return false
    }
    this.#sql.exec(LOG_TABLE)
    for (const { seq, tbl, key, born } of kept)
      this.#sql.exec('INSERT INTO _sync_log (seq, tbl, key, born) VALUES (?, ?, ?, ?)', seq, tbl, key, born)
    return true
  }

  /** Deletes what is between these rows and before them: a list of numbers in `json_each` would be read four times. */
  #deleteBetween(kept: readonly number[]): number {
    let deleted = 0
    let first = 0
    for (const seq of kept) {
      if (seq > first)
        deleted += this.#sql.exec(
          'DELETE FROM _sync_log WHERE seq BETWEEN ? AND ?',
          first,
          seq - 1,
        ).rowsWritten
      first = seq + 1
    }
    return deleted
  }

  #compactInSql(first: number): { deleted: number; left: number } {
    const kept = this.#sql
      .exec<{ seq: number }>(
        'SELECT max(seq) AS seq FROM _sync_log WHERE seq >= ? GROUP BY tbl, key ORDER BY 1',
        first,
      )
      .toArray()
      .map(({ seq }) => seq)
    return { deleted: this.#deleteBetween(kept), left: kept.length }
  }
}

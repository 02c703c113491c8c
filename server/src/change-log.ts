import { isExact } from './exact-key.ts'
import { LOG_TABLE } from './internal-tables.ts'

/** A log of so many rows is compacted in memory, at one row read for each; SQLite reads each row four times. */
const MAX_IN_MEMORY = 40_000

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
   * Keeps the newest row of every key, and thereby the head. A position never needs its own row, so none is lost. `left` is how many
   * there are then.
   */
  compact(): { deleted: number; left: number } {
    const rows = this.from(0, MAX_IN_MEMORY)
    if (!rows?.every(({ key }) => isExact(key))) return this.#compactInSql()
    const newest = new Map(rows.map((row) => [`${row.tbl}\0${row.key}`, row]))
    const kept = new Set(newest.values())
    const superseded = rows.filter((row) => !kept.has(row))
    const isRebuilt = kept.size <= superseded.length && this.#rebuild(rows.filter((row) => kept.has(row)))
    if (!isRebuilt) this.#delete(superseded)
    return { deleted: superseded.length, left: kept.size }
  }

  /** A table that is dropped costs no row written, so where few rows stay, they are written again. False when somebody is reading. */
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

  /** Run by run: a list of numbers in `json_each` would be read four times. */
  #delete(rows: readonly LogRow[]): void {
    for (let i = 0, first = 0; i < rows.length; i++) {
      const { seq } = rows[i] as LogRow
      if (i === 0 || seq !== (rows[i - 1] as LogRow).seq + 1) first = seq
      if (rows[i + 1]?.seq !== seq + 1)
        this.#sql.exec('DELETE FROM _sync_log WHERE seq BETWEEN ? AND ?', first, seq)
    }
  }

  #compactInSql(): { deleted: number; left: number } {
    const deleted = this.#sql.exec(
      'DELETE FROM _sync_log WHERE seq NOT IN (SELECT max(seq) FROM _sync_log GROUP BY tbl, key)',
    ).rowsWritten
    return { deleted, left: this.#sql.exec<{ n: number }>('SELECT count(*) AS n FROM _sync_log').one().n }
  }

  /** Deletes what positions at or above `seq` do not need. */
  pruneTo(seq: number): number {
    return this.#sql.exec(
      'DELETE FROM _sync_log WHERE seq <= ? AND seq < (SELECT max(seq) FROM _sync_log)',
      seq,
    ).rowsWritten
  }
}

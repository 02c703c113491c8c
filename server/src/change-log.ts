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

  size(): number {
    return this.#sql.exec<{ n: number }>('SELECT count(*) AS n FROM _sync_log').one().n
  }

  /** Keeps the newest row of every key, and thereby the head. A position never needs its own row, so none is lost. Returns rows deleted. */
  compact(): number {
    return this.#sql.exec(
      'DELETE FROM _sync_log WHERE seq NOT IN (SELECT max(seq) FROM _sync_log GROUP BY tbl, key)',
    ).rowsWritten
  }

  /** Deletes what positions at or above `seq` do not need. */
  pruneTo(seq: number): number {
    return this.#sql.exec(
      'DELETE FROM _sync_log WHERE seq <= ? AND seq < (SELECT max(seq) FROM _sync_log)',
      seq,
    ).rowsWritten
  }
}

import { literal, OWN_PREFIX } from './identifier.ts'

/**
 * The library's own tables.
 *
 * _sync_log   dirty keys, in the order of the writes. No contents and no operation: a reader looks the row up. One row written a change.
 * _sync_era   which incarnation wrote from `first_seq` on. A position is valid only if the era that covers it has its nonce.
 * _sync_cid   one row a client id: whose it is, the last number decided, the attempts of the next one. Written once a turn.
 * _sync_outcome  outcomes that carry something (rejections, results), until the client says that it has them.
 * _sync_sub   joined subscriptions that the attachment of their socket has no room for, so that they survive hibernation.
 * _sync_meta  the rest, by name.
 */
export const LOG_TABLE = `CREATE TABLE IF NOT EXISTS _sync_log (seq INTEGER PRIMARY KEY, tbl TEXT NOT NULL, key TEXT NOT NULL, born INTEGER NOT NULL)`

const TABLES = [
  LOG_TABLE,
  `CREATE TABLE IF NOT EXISTS _sync_era (first_seq INTEGER PRIMARY KEY, nonce TEXT NOT NULL, at INTEGER NOT NULL)`,
  `CREATE TABLE IF NOT EXISTS _sync_cid (cid TEXT PRIMARY KEY, principal TEXT NOT NULL, last INTEGER NOT NULL, seen_at INTEGER NOT NULL,
     retired INTEGER NOT NULL DEFAULT 0, attempts INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID`,
  `CREATE TABLE IF NOT EXISTS _sync_outcome (cid TEXT NOT NULL, n INTEGER NOT NULL, outcome TEXT NOT NULL, PRIMARY KEY (cid, n)) WITHOUT ROWID`,
  `CREATE TABLE IF NOT EXISTS _sync_sub (socket TEXT NOT NULL, sub INTEGER NOT NULL, spec TEXT NOT NULL, PRIMARY KEY (socket, sub)) WITHOUT ROWID`,
  `CREATE TABLE IF NOT EXISTS _sync_meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID`,
]

export function createInternalTables(sql: SqlStorage): void {
  for (const table of TABLES) sql.exec(table)
}

/** The newest log row of a database on which nothing was installed yet by this instance; 0 when there is no log. */
export function headBefore(sql: SqlStorage): number {
  const log = sql.exec("SELECT 1 FROM sqlite_master WHERE name = '_sync_log' AND type = 'table'").toArray()
  if (log.length === 0) return 0
  return sql.exec<{ head: number | null }>('SELECT max(seq) AS head FROM _sync_log').one().head ?? 0
}

/** Removes every table and trigger of the library. The author's tables and triggers stay as they are. */
export function dropInternalTables(sql: SqlStorage): void {
  const own = sql
    .exec<{ type: string; name: string }>(
      `SELECT type, name FROM sqlite_master WHERE name GLOB ${literal(`${OWN_PREFIX}*`)} AND type IN ('table', 'trigger') ORDER BY type DESC`,
    )
    .toArray()
  for (const { type, name } of own) sql.exec(`DROP ${type} IF EXISTS "${name.replaceAll('"', '""')}"`)
}

/** Small durable facts by name: `pruned_through`, generations of tables, what compaction left. */
export class Meta {
  readonly #sql: SqlStorage

  constructor(sql: SqlStorage) {
    this.#sql = sql
  }

  get(name: string): string | null {
    const row = this.#sql
      .exec<{ value: string }>('SELECT value FROM _sync_meta WHERE name = ?', name)
      .toArray()[0]
    return row?.value ?? null
  }

  number(name: string): number {
    return Number(this.get(name) ?? 0)
  }

  set(name: string, value: string | number): void {
    this.#sql.exec(
      'INSERT INTO _sync_meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
      name,
      String(value),
    )
  }
}

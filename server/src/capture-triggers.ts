import { defaultExpression } from './default-expression.ts'
import { column, literal, OWN_PREFIX, quote } from './identifier.ts'
import { SetupError } from './setup-error.ts'

/**
 * Triggers that append the keys of changed rows to the log, inside the writer's own transaction. SQLite fires nothing for a row that
 * REPLACE evicts (`recursive_triggers` is off, and the pragma would not survive hibernation), so BEFORE triggers log the keys that a
 * write is about to collide with, one pair for every UNIQUE index. A key logged for nothing is harmless: readers look the row up.
 */
export interface Trigger {
  readonly name: string
  readonly text: string
}

const NOW = `CAST(unixepoch('subsec') * 1000 AS INTEGER)`

/** A rowid table accepts NULL and BLOB keys; they are not part of the collection. */
const isKey = (expression: string) => `typeof(${expression}) = 'text' AND ${expression} <> ''`

export function captureTriggers(sql: SqlStorage, table: string, key: string): Trigger[] {
  const t = quote(table)
  const name = (event: string) => `${OWN_PREFIX}${table}_${event}`
  const oldKey = `old.${quote(key)}`
  const newKey = `new.${quote(key)}`
  const log = (expression: string, condition: string) =>
    `INSERT INTO _sync_log (tbl, key, born) SELECT ${literal(table)}, ${expression}, ${NOW} WHERE ${condition};`
  const trigger = (event: string, when: string, body: string): Trigger => ({
    name: name(event),
    text: `CREATE TRIGGER ${quote(name(event))} ${when} ON ${t} BEGIN ${body} END`,
  })
  const changes = changedColumns(sql, table)
  const evictions = uniqueIndexes(sql, table).flatMap(({ name: index, columns, partial }) => {
    // REPLACE puts the default in the place of a null only after BEFORE triggers.
    const written = (name: string) => {
      const value = changes.get(name)?.default ?? null
      return value === null
        ? `new.${quote(name)}`
        : `ifnull(new.${quote(name)}, (${defaultExpression(value)}))`
    }
    const collides = columns
      .map((c) => `${column(table, c.name)} = ${written(c.name)} COLLATE ${quote(c.collation)}`)
      .join(' AND ')
    const theirs = column(table, key)
    const evict = (others: string) =>
      `INSERT INTO _sync_log (tbl, key, born) SELECT ${literal(table)}, ${theirs}, ${NOW} FROM ${t} WHERE ${collides} AND ${others} AND ${isKey(theirs)};`
    // A row enters a partial index by any column, and an update never names a generated one: both are looked at on every update.
    const changed =
      partial || columns.some((c) => changes.get(c.name)?.isGenerated)
        ? ''
        : ` OF ${columns.map((c) => quote(c.name)).join(', ')}`
    return [
      trigger(`evict_insert_${index}`, 'BEFORE INSERT', evict(`${theirs} IS NOT ${newKey}`)),
      trigger(
        `evict_update_${index}`,
        `BEFORE UPDATE${changed}`,
        evict(`${theirs} IS NOT ${newKey} AND ${theirs} IS NOT ${oldKey}`),
      ),
    ]
  })
  return [
    trigger('insert', 'AFTER INSERT', log(newKey, isKey(newKey))),
    trigger(
      'update',
      'AFTER UPDATE',
      `${log(oldKey, `${oldKey} IS NOT ${newKey} AND ${isKey(oldKey)}`)} ${log(newKey, isKey(newKey))}`,
    ),
    trigger('delete', 'AFTER DELETE', log(oldKey, isKey(oldKey))),
    ...evictions,
  ]
}

/** What makes a column's stored value another than the one that was given. */
interface ColumnChange {
  readonly isGenerated: boolean
  /** As SQL, of a column that may not be null. */
  readonly default: string | null
}

function changedColumns(sql: SqlStorage, table: string): Map<string, ColumnChange> {
  const rows = sql.exec<{ name: string; generated: number; value: string | null }>(
    `SELECT name, hidden > 1 AS generated, iif("notnull", dflt_value, NULL) AS value FROM pragma_table_xinfo(${literal(table)})`,
  )
  return new Map(
    rows
      .toArray()
      .map(({ name, generated, value }) => [name, { isGenerated: generated === 1, default: value }]),
  )
}

interface UniqueIndex {
  readonly name: string
  /** It has a WHERE of its own. Captured as if it had none: a key that is logged for nothing is harmless. */
  readonly partial: boolean
  readonly columns: readonly { readonly name: string; readonly collation: string }[]
}

function uniqueIndexes(sql: SqlStorage, table: string): UniqueIndex[] {
  const rows = sql
    .exec<{ name: string; origin: string; partial: number; col: string | null; coll: string }>(
      `SELECT i.name AS name, i.origin AS origin, i.partial AS partial, x.name AS col, x.coll AS coll
       FROM pragma_index_list(${literal(table)}) AS i, pragma_index_xinfo(i.name) AS x
       WHERE i."unique" = 1 AND x.key = 1 ORDER BY i.name, x.seqno`,
    )
    .toArray()
  const indexes = new Map<string, UniqueIndex>()
  for (const { name, origin, partial, col, coll } of rows) {
    if (origin === 'pk') continue
    if (col === null)
      throw new SetupError(
        'unique-expression',
        `the UNIQUE index "${name}" of "${table}" is on an expression, whose evictions cannot be captured: index a generated column instead`,
      )
    const columns = [...(indexes.get(name)?.columns ?? []), { name: col, collation: coll }]
    indexes.set(name, { name, partial: partial === 1, columns })
  }
  return [...indexes.values()]
}

/**
 * Makes the library's triggers exactly `wanted`: others of its namespace are dropped (a collection that is gone, a renamed table), and
 * one whose text differs is made anew. Returns the tables whose rows may have changed unseen since the last time.
 */
export function reconcileTriggers(
  sql: SqlStorage,
  wanted: ReadonlyMap<string, readonly Trigger[]>,
): Set<string> {
  const installed = new Map(
    sql
      .exec<{ name: string; sql: string }>(
        `SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name GLOB ${literal(`${OWN_PREFIX}*`)}`,
      )
      .toArray()
      .map((row) => [row.name, row.sql]),
  )
  const unseen = new Set<string>()
  const missing: string[] = []
  for (const [table, triggers] of wanted) {
    for (const { name, text } of triggers) {
      if (installed.get(name) === text) {
        installed.delete(name)
        continue
      }
      missing.push(text)
      unseen.add(table)
    }
  }
  // These first: for SQLite two names that differ in case are the same, as those of an index that was made again as `Slug`.
  for (const name of installed.keys()) sql.exec(`DROP TRIGGER ${quote(name)}`)
  for (const text of missing) sql.exec(text)
  return unseen
}

import { captureTriggers, reconcileTriggers, type Trigger } from './capture-triggers.ts'
import { ChangeLog } from './change-log.ts'
import { FilterCache } from './compiled-filter.ts'
import { hashText } from './hash-text.ts'
import { createInternalTables, Meta } from './internal-tables.ts'
import { Lineage } from './lineage.ts'
import type { Registered } from './registry/registered.ts'
import { RowReader } from './row-reader.ts'
import { readTableSchema, type TableSchema } from './table-schema.ts'

/**
 * Whether a reference that points nowhere can get as far as the commit.
 *
 * never      no table refers to another.
 * on demand  a handler may ask for it, with `PRAGMA defer_foreign_keys`.
 * declared   some table has deferrable constraints.
 */
export type Deferral = 'never' | 'on demand' | 'declared'

/** The library's tables and triggers in one database, and what was found in it. */
export interface Installation {
  readonly log: ChangeLog
  readonly lineage: Lineage
  readonly meta: Meta
  readonly schemas: ReadonlyMap<string, TableSchema>
  readonly readers: ReadonlyMap<string, RowReader>
  readonly filters: FilterCache
  readonly deferral: Deferral
  shapeOf(table: string): string
}

/**
 * Makes the database ready: tables, triggers, generations. Runs on every wake and after a migration; it writes only what differs.
 * @throws SetupError when a table cannot be synced as it is.
 */
export function install(
  sql: SqlStorage,
  registry: Registered,
  object: string,
  now: () => number,
  startHead: number,
  known: Lineage | undefined,
): Installation {
  createInternalTables(sql)
  const meta = new Meta(sql)
  const log = new ChangeLog(sql)
  const lineage = known ?? new Lineage(sql, object, now)
  if (!known) {
    lineage.load(startHead, meta.number('pruned_through'))
    log.installOrigin(now())
    // Also what the author's constructor wrote before it called us is this instance's.
    lineage.seal(log.head())
  }
  const schemas = new Map<string, TableSchema>()
  const triggers = new Map<string, readonly Trigger[]>()
  for (const collection of registry.collections.values()) {
    schemas.set(collection.table, readTableSchema(sql, collection))
    triggers.set(collection.table, captureTriggers(sql, collection.table, collection.pk))
  }
  const generations = new Map<string, number>()
  const unseen = reconcileTriggers(sql, triggers)
  for (const table of schemas.keys()) {
    const generation = meta.number(`generation ${table}`)
    generations.set(table, unseen.has(table) ? generation + 1 : generation)
    // The triggers were not there, or were others: rows may have changed without a trace, so held rows are of another shape.
    if (unseen.has(table)) meta.set(`generation ${table}`, generation + 1)
  }
  const readers = new Map([...schemas].map(([table, schema]) => [table, new RowReader(sql, schema)]))
  const shapeOf = (table: string) =>
    hashText(`${schemas.get(table)?.hash} ${generations.get(table)} ${meta.number('resync')}`)
  return {
    log,
    lineage,
    meta,
    schemas,
    readers,
    filters: new FilterCache(sql),
    deferral: deferralOf(sql),
    shapeOf,
  }
}

function deferralOf(sql: SqlStorage): Deferral {
  const { declared, refers } = sql
    .exec<{ declared: number | null; refers: number | null }>(
      `SELECT max(sql LIKE '%DEFERRABLE%') AS declared, max(sql LIKE '%REFERENCES%') AS refers
       FROM sqlite_master WHERE type = 'table'`,
    )
    .one()
  return declared ? 'declared' : refers ? 'on demand' : 'never'
}

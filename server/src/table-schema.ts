import type { ColumnKind } from '@durable-sync/core/wire'
import { hashText } from './hash-text.ts'
import { literal, OWN_PREFIX } from './identifier.ts'
import type { ErasedCollection } from './registry/registered.ts'
import { SetupError } from './setup-error.ts'

export type Affinity = 'text' | 'numeric' | 'integer' | 'real' | 'blob'

export interface Column {
  readonly name: string
  readonly affinity: Affinity
  readonly kind: ColumnKind | undefined
  /** A generated column is read and never written. */
  readonly generated: boolean
}

/** A table as it is, checked against what was registered. */
export interface TableSchema {
  readonly name: string
  readonly key: string
  /** Every column that a reader sees, in the table's order. */
  readonly columns: readonly Column[]
  /** Kinds by column name, for the client. */
  readonly kinds: Readonly<Record<string, ColumnKind>>
  /** Hash of everything above: a client that holds rows of another shape must load them again. */
  readonly hash: string
}

interface ColumnInfo extends Record<string, SqlStorageValue> {
  name: string
  type: string
  notnull: number
  dflt_value: string | null
  pk: number
  hidden: number
}

/** SQLite's rules, in their order: https://www.sqlite.org/datatype3.html#determination_of_column_affinity */
export function affinityOf(declared: string): Affinity {
  const type = declared.toUpperCase()
  if (type.includes('INT')) return 'integer'
  if (/CHAR|CLOB|TEXT/.test(type)) return 'text'
  if (type === '' || type.includes('BLOB')) return 'blob'
  if (/REAL|FLOA|DOUB/.test(type)) return 'real'
  return 'numeric'
}

/**
 * Reads a table's schema and checks that it can be synced.
 * @throws SetupError naming the fix.
 */
export function readTableSchema(sql: SqlStorage, collection: ErasedCollection): TableSchema {
  const { table, pk, kinds } = collection
  if (table.startsWith(OWN_PREFIX) || table.startsWith('_cf_') || table.startsWith('sqlite_'))
    throw new SetupError('table-reserved', `"${table}" is a reserved name: rename the table`)
  const infos = sql.exec<ColumnInfo>(`SELECT * FROM pragma_table_xinfo(${literal(table)})`).toArray()
  if (infos.length === 0)
    throw new SetupError('table-missing', `there is no table "${table}": create it before registerSync`)
  const keys = infos.filter((info) => info.pk > 0)
  const [key] = keys
  if (keys.length !== 1 || !key || key.name !== pk)
    throw new SetupError(
      'key-not-primary',
      `"${table}" must have exactly one primary key column, "${pk}": declare it "${pk} TEXT PRIMARY KEY"`,
    )
  if (affinityOf(key.type) !== 'text')
    throw new SetupError(
      'key-not-text',
      `"${table}"."${pk}" is ${key.type || 'untyped'}: declare it "${pk} TEXT PRIMARY KEY"`,
    )
  checkCollation(sql, table, pk)
  if (infos.some(({ name }) => name === '__proto__'))
    throw new SetupError(
      'column-reserved',
      `"${table}" has a column "__proto__", whose values a JavaScript object loses: rename the column`,
    )
  const columns = infos
    .filter((info) => info.hidden !== 1)
    .map((info) => ({
      name: info.name,
      affinity: affinityOf(info.type),
      kind: Object.hasOwn(kinds, info.name) ? kinds[info.name] : undefined,
      generated: info.hidden > 1,
    }))
  for (const name of Object.keys(kinds)) {
    if (!columns.some((column) => column.name === name))
      throw new SetupError(
        'kind-without-column',
        `"${table}" has no column "${name}", which is declared "${kinds[name]}"`,
      )
  }
  const used = Object.fromEntries(columns.flatMap(({ name, kind }) => (kind ? [[name, kind]] : [])))
  return { name: table, key: pk, columns, kinds: used, hash: hashText(JSON.stringify([infos, used])) }
}

/** Keys are compared by code unit everywhere; a key of another collation would have two spellings. */
function checkCollation(sql: SqlStorage, table: string, pk: string): void {
  const index = sql
    .exec<{ coll: string }>(
      `SELECT x.coll AS coll FROM pragma_index_list(${literal(table)}) AS i, pragma_index_xinfo(i.name) AS x
       WHERE i.origin = 'pk' AND x.name = ${literal(pk)} AND x.key = 1`,
    )
    .toArray()[0]
  if (index && index.coll !== 'BINARY')
    throw new SetupError(
      'key-collation',
      `"${table}"."${pk}" is compared with ${index.coll}: declare it without COLLATE`,
    )
}

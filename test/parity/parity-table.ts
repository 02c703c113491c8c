import type { ColumnKind } from '@durable-sync/core/wire'
import type { Dice } from '../soak/dice.ts'
import { STORED_VALUES } from './stored-values.ts'

/** Columns of every affinity, of every kind, and of kinds in columns that do not suit them. The first word is the name. */
const COLUMNS: readonly (readonly [declaration: string, kind?: ColumnKind])[] = [
  ['t TEXT'],
  ['nocase TEXT COLLATE NOCASE'],
  ['i INTEGER'],
  ['r REAL'],
  ['n NUMERIC'],
  ['any'],
  ['bool INTEGER', 'boolean'],
  ['bool_any', 'boolean'],
  ['bool_text TEXT', 'boolean'],
  ['date_int INTEGER', 'date'],
  ['date_real REAL', 'date'],
  ['date_text TEXT', 'date'],
  ['date_any', 'date'],
  ['json_text TEXT', 'json'],
  ['json_any', 'json'],
  ['json_int INTEGER', 'json'],
  ['big INTEGER', 'bigint'],
  ['big_real REAL', 'bigint'],
  ['big_any', 'bigint'],
  ['bytes BLOB', 'bytes'],
  ['bytes_text TEXT', 'bytes'],
  ['bytes_num NUMERIC', 'bytes'],
]

const nameOf = (declaration: string): string => declaration.split(' ')[0] ?? ''

/** How a kind is named in the table of what was compared. */
export type KindName = ColumnKind | 'none'

export const columns: readonly string[] = COLUMNS.map(([declaration]) => nameOf(declaration))

export const kinds: Readonly<Record<string, ColumnKind>> = Object.fromEntries(
  COLUMNS.flatMap(([declaration, kind]) => (kind ? [[nameOf(declaration), kind]] : [])),
)

export const kindNames: readonly KindName[] = ['none', 'boolean', 'date', 'json', 'bigint', 'bytes']
export const kindOf = (column: string): KindName => kinds[column] ?? 'none'

const TEXT_COLUMNS = new Set(
  COLUMNS.flatMap(([declaration]) => (declaration.includes(' TEXT') ? [nameOf(declaration)] : [])),
)
export const isTextColumn = (column: string): boolean => TEXT_COLUMNS.has(column)

/** The same rows three times: a table of scans, one whose columns all have an index, and one without row ids. */
export const TABLES = ['plain', 'indexed', 'clustered'] as const

const ROW_IDS = { plain: '', indexed: '', clustered: ' WITHOUT ROWID' } as const
const MIXED_ROWS = 20

const keyOf = (i: number): string => `r${String(i).padStart(3, '0')}`

/** Statements that make the tables: a row for every stored value, which it has in all columns, and rows that mix them. */
export function parityStatements(dice: Dice): string[] {
  const declared = COLUMNS.map(([declaration]) => declaration).join(', ')
  const rows = STORED_VALUES.map(({ sql }, i) => [keyOf(i), ...columns.map(() => sql)])
  for (let i = 0; i < MIXED_ROWS; i++)
    rows.push([keyOf(rows.length), ...columns.map(() => dice.pick(STORED_VALUES).sql)])
  return TABLES.flatMap((table) => [
    `CREATE TABLE ${table} (id TEXT PRIMARY KEY, ${declared})${ROW_IDS[table]}`,
    ...rows.map(([key, ...values]) => `INSERT INTO ${table} VALUES ('${key}', ${values.join(', ')})`),
    ...(table === 'plain'
      ? []
      : columns.map((column) => `CREATE INDEX ${table}_${column} ON ${table} (${column})`)),
  ])
}

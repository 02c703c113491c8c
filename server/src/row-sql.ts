import { column } from './identifier.ts'
import type { Column, TableSchema } from './table-schema.ts'

/** Rows as JSON text, built by SQLite: an array of the cells of all columns, or of these, in this order. */
export function rowSql(sql: SqlStorage, { name, columns }: TableSchema, only?: readonly string[]): string {
  const wanted = only ? only.flatMap((each) => columns.filter((c) => c.name === each)) : columns
  return `json_array(${wanted.map((each) => cellSql(name, each, writesReals(sql))).join(', ')})`
}

/**
 * One cell: SQLite's own value, a blob as hex, and an integer that a double would round as decimal text. What a declared affinity cannot
 * hold is not tested for: a TEXT column never holds an integer, but every column may hold a blob. Blobs come after all other values, and a
 * comparison is cheaper than `typeof`.
 */
function cellSql(table: string, { name, affinity, generated }: Column, exactReals: boolean): string {
  const stored = column(table, name)
  // A generated column may still carry the mark of a JSON function, and would be inlined as JSON instead of quoted as text.
  const value = generated
    ? `CASE typeof(${stored}) WHEN 'text' THEN ${stored} || '' ELSE ${stored} END`
    : stored
  const blob = `WHEN ${value} >= x'' THEN json_object('hex', hex(${value}))`
  const real = exactReals ? '' : ` WHEN typeof(${value}) = 'real' THEN ${realSql(value)}`
  if (affinity === 'text') return `CASE ${blob} ELSE ${value} END`
  if (affinity === 'real') return `CASE ${blob}${real} ELSE ${value} END`
  // Of those outside of these bounds most are texts, and large reals.
  const isBig = `(${value} > 9007199254740991 OR ${value} < -9007199254740991) AND typeof(${value}) = 'integer'`
  const integer = `WHEN ${isBig} THEN json_object('int', CAST(${value} AS TEXT))`
  return `CASE ${blob} ${integer}${real} ELSE ${value} END`
}

const MAX_REAL = Number.MAX_VALUE

/** All digits of a number that is not infinite. */
const realSql = (value: string): string =>
  `CASE WHEN ${value} BETWEEN -${MAX_REAL} AND ${MAX_REAL} THEN json(printf('%!.17g', ${value})) ELSE ${value} END`

let exact: boolean | undefined

/**
 * Older runtimes write 15 digits of a number into JSON, which is hardly any double. All digits are asked for there; only numbers of extreme
 * size may then still be off by the last. It is the same for every object of a process.
 */
function writesReals(sql: SqlStorage): boolean {
  exact ??=
    sql.exec<{ text: string }>('SELECT json_array(0.1 + 0.2) AS text').one().text === '[0.30000000000000004]'
  return exact
}

import { column, literal, quote } from './identifier.ts'
import type { TableSchema } from './table-schema.ts'

/**
 * What a client is told of a constraint of `schema` that refused its write to it, or null when there is nothing to tell: SQLite's words may be
 * of another table, which a handler or a trigger wrote to, or be the text of an expression.
 */
export function constraintMessage(sql: SqlStorage, schema: TableSchema, error: Error): string | null {
  // What a trigger of the author's says in RAISE may be any text, and is marked as such.
  const [, kind, named, mark] = SAID.exec(error.message) ?? []
  if (kind === undefined || named === undefined || mark === 'TRIGGER') return null
  if (kind === 'CHECK')
    return hasCheck(sql, schema, named)
      ? `the constraint ${quote(named)} of ${quote(schema.name)} refused the row`
      : null
  const names = columnsOf(named, schema)
  if (names === null) return null
  if (kind === 'NOT NULL') return `${column(schema.name, names[0] ?? '')} must not be null`
  if (names[0] === schema.key) return `there is a row with this key in ${quote(schema.name)} already`
  const together = names.length > 1 ? ', together' : ''
  return `${names.map((name) => column(schema.name, name)).join(', ')} must be unique${together}`
}

const SAID =
  /^(UNIQUE|NOT NULL|CHECK) constraint failed: (.+?): SQLITE_CONSTRAINT(?: \(extended: SQLITE_CONSTRAINT_(\w+)\))?$/s

/** The columns of `table.a, table.b`, where a name may have any characters; null when they are not of this table. */
function columnsOf(
  text: string,
  { name, columns }: Pick<TableSchema, 'name' | 'columns'>,
): readonly string[] | null {
  for (const each of columns) {
    const said = `${name}.${each.name}`
    if (text === said) return [each.name]
    if (!text.startsWith(`${said}, `)) continue
    const rest = columnsOf(text.slice(said.length + 2), { name, columns })
    if (rest) return [each.name, ...rest]
  }
  return null
}

/** Of a CHECK without a name SQLite says the expression, and never of which table: another may have one of the same name. */
function hasCheck(sql: SqlStorage, { name: table }: TableSchema, name: string): boolean {
  if (!PLAIN.test(name)) return false
  const named = new RegExp(`\\bCONSTRAINT\\s+(["'\`[]?)${name}["'\`\\]]?\\s+CHECK\\b`, 'i')
  const tables = sql
    .exec<{ name: string; sql: string }>(
      `SELECT name, sql FROM sqlite_master WHERE type = 'table' AND sql LIKE ${literal(`%${name}%`)}`,
    )
    .toArray()
    .filter((each) => named.test(each.sql))
  return tables.length === 1 && tables[0]?.name === table
}

const PLAIN = /^\w+$/

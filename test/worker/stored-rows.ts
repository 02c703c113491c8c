import type { Cell } from '@durable-sync/core/wire'

export type StoredRow = Record<string, Cell>

const hex = (bytes: ArrayBuffer) =>
  Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0').toUpperCase()).join('')

/** A value with SQLite's own word for its type, and its exact decimal text. */
function cell(value: unknown, type: unknown, exact: unknown): Cell {
  if (value instanceof ArrayBuffer) return { hex: hex(value) }
  if (type === 'integer' && !Number.isSafeInteger(value)) return { int: String(exact) }
  return value as Cell
}

/** Every row of a table as the wire would say it, read without any of the library's code: the truth that clients are compared with. */
export function storedRows(sql: SqlStorage, table: string): StoredRow[] {
  const name = (text: string) => `"${text.replaceAll('"', '""')}"`
  const columns = sql
    .exec<{ name: string; hidden: number }>('SELECT name, hidden FROM pragma_table_xinfo(?)', table)
    .toArray()
    .filter(({ hidden }) => hidden !== 1)
    .map((column) => column.name)
  const values = columns.map((column) => `${name(table)}.${name(column)}`)
  const terms = values.flatMap((value) => [value, `typeof(${value})`, `CAST(${value} AS TEXT)`])
  const rows: StoredRow[] = []
  for (const raw of sql.exec(`SELECT ${terms.join(', ')} FROM ${name(table)}`).raw()) {
    rows.push(
      Object.fromEntries(
        columns.map((column, i) => [column, cell(raw[3 * i], raw[3 * i + 1], raw[3 * i + 2])]),
      ),
    )
  }
  return rows
}

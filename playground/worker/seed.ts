import type { Sql } from '@durable-sync/server'

const CHUNK = 500

/** Writes many rows with few statements: one for each chunk, which SQLite takes apart. A row is the values of `columns`, in order. */
export function seed(
  sql: Sql,
  table: string,
  columns: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): void {
  const values = columns.map((_, i) => `value ->> ${i}`).join(', ')
  for (let from = 0; from < rows.length; from += CHUNK)
    sql.exec(
      `INSERT INTO ${table} (${columns.join(', ')}) SELECT ${values} FROM json_each(?)`,
      JSON.stringify(rows.slice(from, from + CHUNK)),
    )
}

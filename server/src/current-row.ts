import { dateOfCell } from '@durable-sync/core/wire'
import { column, quote } from './identifier.ts'
import type { Column, TableSchema } from './table-schema.ts'

/** The row under `key` with its application types, or null. */
export function readCurrentRow(
  sql: SqlStorage,
  schema: TableSchema,
  key: string,
): Readonly<Record<string, unknown>> | null {
  const columns = schema.columns.map((c) =>
    c.kind === 'bigint' ? `CAST(${column(schema.name, c.name)} AS TEXT)` : column(schema.name, c.name),
  )
  const text = `SELECT ${columns.join(', ')} FROM ${quote(schema.name)} WHERE ${column(schema.name, schema.key)} = ?`
  const values = [...sql.exec(text, key).raw()][0]
  if (!values) return null
  const row: Record<string, unknown> = Object.create(null)
  schema.columns.forEach((c, i) => {
    row[c.name] = applicationValue(c, values[i] ?? null)
  })
  return row
}

function applicationValue({ kind }: Column, value: SqlStorageValue): unknown {
  if (value === null) return null
  switch (kind) {
    case 'boolean':
      return value !== 0
    case 'date':
      return dateOfCell(value as string | number)
    case 'json':
      return JSON.parse(value as string)
    case 'bigint':
      return BigInt(value as string)
    case undefined:
    case 'bytes':
      return value instanceof ArrayBuffer ? new Uint8Array(value) : value
    default:
      return kind satisfies never
  }
}

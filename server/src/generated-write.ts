import { storageBinding } from './guarded-sql.ts'
import { column, quote } from './identifier.ts'
import type { ErasedMutation, ErasedOp } from './registry/registered.ts'
import { Rejection } from './rejection.ts'
import type { TableSchema } from './table-schema.ts'

/**
 * Carries out an operation whose definition has no `execute`. Only columns named in `writable` may be set, so no client sets an owner or
 * a role. Statement texts depend on the columns alone.
 * @throws Rejection
 */
export function writeGenerated(
  sql: SqlStorage,
  schema: TableSchema,
  definition: ErasedMutation,
  op: ErasedOp,
): void {
  const table = quote(schema.name)
  const key = column(schema.name, schema.key)
  if (op.type === 'delete') {
    sql.exec(`DELETE FROM ${table} WHERE ${key} = ?`, op.key)
    return
  }
  const names = Object.keys(op.stored).filter((name) => name !== schema.key)
  for (const name of names) checkWritable(schema, definition, name, op)
  const values = names.map((name) => storageBinding(op.stored[name]))
  if (op.type === 'insert') {
    const columns = [schema.key, ...names].map(quote).join(', ')
    const places = ['?', ...names.map(() => '?')].join(', ')
    sql.exec(`INSERT INTO ${table} (${columns}) VALUES (${places})`, op.key, ...values)
    return
  }
  if (names.length === 0) return
  const sets = names.map((name) => `${quote(name)} = ?`).join(', ')
  sql.exec(`UPDATE ${table} SET ${sets} WHERE ${key} = ?`, ...values, op.key)
  // Not `rowsWritten`: it counts what triggers write as well. Not RETURNING: it reads the row once more.
  const { updated } = sql.exec<{ updated: number }>('SELECT changes() AS updated').one()
  if (updated === 0) throw new Rejection('row-not-found', 'the row to update does not exist')
}

function checkWritable(schema: TableSchema, definition: ErasedMutation, name: string, op: ErasedOp): void {
  const found = schema.columns.find((candidate) => candidate.name === name)
  if (!found) throw new Rejection('unknown-column', `"${schema.name}" has no column "${name}"`)
  if (found.generated || !definition.writable?.includes(name))
    throw new Rejection('column-not-writable', `"${schema.name}"."${name}" cannot be set by a client`)
  // workerd binds every number as REAL, and a TEXT column would keep 5 as the text "5.0".
  if (found.affinity === 'text' && typeof op.stored[name] === 'number')
    throw new Rejection('value-invalid', `"${schema.name}"."${name}" must be text`)
}

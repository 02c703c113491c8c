import { storageBinding } from './guarded-sql.ts'
import { column, quote } from './identifier.ts'
import type { ErasedMutation, ErasedOp } from './registry/registered.ts'
import { Rejection } from './rejection.ts'
import type { Column, TableSchema } from './table-schema.ts'

/** An INSERT or UPDATE of these columns, which may all be set. */
interface Statement {
  readonly names: readonly string[]
  readonly columns: readonly Column[]
  readonly text: string
}

/** What was last written with, for each table of each database: most writes name the columns that the one before them named. */
const statements = new WeakMap<TableSchema, { insert?: Statement; update?: Statement }>()

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
  if (op.type === 'delete') {
    sql.exec(`DELETE FROM ${quote(schema.name)} WHERE ${column(schema.name, schema.key)} = ?`, op.key)
    return
  }
  const names = Object.keys(op.stored).filter((name) => name !== schema.key)
  const { columns, text } = statementOf(schema, definition, op.type, names)
  const values = columns.map((each) => bindingOf(op.stored[each.name], each, schema))
  if (op.type === 'insert') {
    sql.exec(text, op.key, ...values)
    return
  }
  if (names.length === 0) return
  sql.exec(text, ...values, op.key)
  // Not `rowsWritten`: it counts what triggers write as well. Not RETURNING: it reads the row once more.
  const { updated } = sql.exec<{ updated: number }>('SELECT changes() AS updated').one()
  if (updated === 0) throw new Rejection('row-not-found', 'the row to update does not exist')
}

/** @throws Rejection where one of the columns may not be set. */
function statementOf(
  schema: TableSchema,
  definition: ErasedMutation,
  type: 'insert' | 'update',
  names: readonly string[],
): Statement {
  const made = statements.get(schema) ?? {}
  const last = made[type]
  if (last && isSame(last.names, names)) return last
  const columns = names.map((name) => writableColumn(schema, definition, name))
  const text = type === 'insert' ? insertText(schema, names) : updateText(schema, names)
  const statement = { names, columns, text }
  statements.set(schema, { ...made, [type]: statement })
  return statement
}

const isSame = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((name, i) => name === b[i])

function insertText({ name, key }: TableSchema, names: readonly string[]): string {
  const columns = [key, ...names].map(quote).join(', ')
  const places = ['?', ...names.map(() => '?')].join(', ')
  return `INSERT INTO ${quote(name)} (${columns}) VALUES (${places})`
}

function updateText({ name, key }: TableSchema, names: readonly string[]): string {
  const sets = names.map((each) => `${quote(each)} = ?`).join(', ')
  return `UPDATE ${quote(name)} SET ${sets} WHERE ${column(name, key)} = ?`
}

function writableColumn(schema: TableSchema, { writable }: ErasedMutation, name: string): Column {
  const found = schema.columns.find((candidate) => candidate.name === name)
  if (!found) throw new Rejection('unknown-column', `"${schema.name}" has no column "${name}"`)
  if (found.generated || !writable?.includes(name))
    throw new Rejection('column-not-writable', `"${schema.name}"."${name}" cannot be set by a client`)
  return found
}

function bindingOf(stored: unknown, { name, affinity }: Column, schema: TableSchema) {
  // workerd binds every number as REAL, and a TEXT column would keep 5 as the text "5.0".
  if (affinity === 'text' && typeof stored === 'number')
    throw new Rejection('value-invalid', `"${schema.name}"."${name}" must be text`)
  return storageBinding(stored)
}

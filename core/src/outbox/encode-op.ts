import { ProtocolError } from '../errors.ts'
import type { WireOp, WireValue } from '../wire/index.ts'
import { encodeColumn } from './encode-column.ts'

/** What is read of a TanStack mutation. */
export interface MutationLike {
  readonly type: 'insert' | 'update' | 'delete'
  readonly key: unknown
  /** The row before the mutation; empty before an insert. */
  readonly original: object
  /** The row after the mutation. */
  readonly modified: object
  /** Only the columns that it changed. */
  readonly changes: object
}

/** Columns of `row` as they travel. Properties that start with `$` are TanStack's virtual ones, not the row's. */
function encodeColumns(row: object, absent: 'omit' | 'null'): Record<string, WireValue> {
  const cols: Record<string, WireValue> = {}
  for (const [column, value] of Object.entries(row)) {
    if (column.startsWith('$')) continue
    // It would become the object that the row inherits from. No table that is synced has it.
    if (column === '__proto__')
      throw new ProtocolError('value-invalid', `No column may be called "${column}"`)
    if (value !== undefined) cols[column] = encodeColumn(value, column)
    else if (absent === 'null') cols[column] = null
  }
  return cols
}

/** A whole row as it is kept. @throws ProtocolError `value-invalid` naming the column. */
export const encodeRow = (row: object): Record<string, WireValue> => encodeColumns(row, 'omit')

/**
 * A TanStack mutation as an operation on the wire. An insert carries the whole row, an update only the columns that it changed, so that
 * two people who edit two columns of one row both keep their edit.
 * @throws ProtocolError `key-invalid` unless the key is text that is not empty, `value-invalid` naming the column.
 */
export function encodeOp(collection: string, { type, key, modified, changes }: MutationLike): WireOp {
  if (typeof key !== 'string' || key === '') {
    const what = key === '' ? 'empty' : `a ${typeof key}`
    throw new ProtocolError(
      'key-invalid',
      `A key of "${collection}" is ${what}; keys are text that is not empty`,
    )
  }
  encodeColumn(key, 'key')
  if (type === 'delete') return { collection, type, key }
  const cols = type === 'insert' ? encodeColumns(modified, 'omit') : encodeColumns(changes, 'null')
  return { collection, type, key, cols }
}

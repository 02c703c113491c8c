import type { Cell, ColumnKind, WireValue } from './cell.ts'

/** A value as SQLite would have stored it in a column of this kind. */
export function storedCell(value: WireValue, kind: ColumnKind | undefined): Cell {
  // In a document, text and truth values are written as JSON like everything else.
  if (kind === 'json' && value !== null && typeof value !== 'object') return JSON.stringify(value)
  if (typeof value === 'boolean') return value ? 1 : 0
  if (value === null || typeof value !== 'object') return value
  if ('date' in value) return value.date
  if ('json' in value) return JSON.stringify(value.json)
  if ('num' in value) return value.num === 'Infinity' ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY
  return value
}

import type { Cell, WireValue } from './cell.ts'

/** A value as SQLite would have stored it. */
export function storedCell(value: WireValue): Cell {
  if (typeof value === 'boolean') return value ? 1 : 0
  if (value === null || typeof value !== 'object') return value
  if ('date' in value) return value.date
  if ('json' in value) return JSON.stringify(value.json)
  if ('num' in value) return value.num === 'Infinity' ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY
  return value
}

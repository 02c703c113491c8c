import type { Cell, Kinds, WireValue } from '@durable-sync/core/wire'
import { rowDecoder } from '../../core/src/collection/decode-row.ts'

/** What an application would write in its query for this literal. */
export function applicationValue(value: WireValue): unknown {
  if (typeof value !== 'object' || value === null) return value
  if ('int' in value) return BigInt(value.int)
  if ('date' in value) return new Date(value.date)
  if ('num' in value) return value.num === 'Infinity' ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY
  if ('json' in value) return value.json
  return Uint8Array.from(value.hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16))
}

/** Rows as the client shows them. */
export const applicationRows = (
  cols: readonly string[],
  kinds: Kinds,
  rows: readonly (readonly Cell[])[],
): Record<string, unknown>[] => rows.map(rowDecoder(cols, kinds))

/** What JavaScript orders with what. Null is in no order at all. */
const orderOf = (value: unknown): string => {
  if (typeof value === 'string') return 'text'
  return value instanceof Date || ['number', 'bigint', 'boolean'].includes(typeof value) ? 'number' : 'none'
}

/**
 * Where the law of membership says something else than TanStack DB: values of different types are never in an order. JavaScript would
 * convert one of them.
 */
export function areUnordered(a: unknown, b: unknown): boolean {
  if (a === null || b === null) return false
  return orderOf(a) !== orderOf(b) || orderOf(a) === 'none'
}

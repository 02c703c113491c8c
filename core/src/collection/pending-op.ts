import type { WireOp, WireValue } from '../wire/index.ts'

type Values = Readonly<Record<string, unknown>>

/** One operation of a write that is not settled, in the application's values. */
export interface PendingOp {
  readonly type: WireOp['type']
  readonly key: string
  /** Of an insert the row, of an update the columns that it changes, of a delete nothing. */
  readonly cols: Values
}

/** A write that is not settled, among all those of this device. */
export interface PlacedWrite {
  readonly id: string
  /** Of two writes of one row the one with the greater number comes after the other. */
  place: number
}

const bytesOf = (hex: string): Uint8Array =>
  Uint8Array.from({ length: hex.length / 2 }, (_, i) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16))

/** What `encodeValue` was given. */
export function decodeValue(value: WireValue): unknown {
  if (typeof value !== 'object' || value === null) return value
  if ('date' in value) return new Date(value.date)
  if ('json' in value) return structuredClone(value.json)
  if ('int' in value) return BigInt(value.int)
  if ('num' in value) return value.num === 'Infinity' ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY
  return bytesOf(value.hex)
}

export const decodeValues = (cols: Readonly<Record<string, WireValue>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(cols).map(([column, value]) => [column, decodeValue(value)]))

export const pendingOp = ({ type, key, cols }: WireOp): PendingOp => ({
  type,
  key,
  cols: cols ? decodeValues(cols) : {},
})

/**
 * The row after the operations, field by field: what somebody else has changed in other columns stays. An update of a row that is gone
 * does not bring it back.
 */
export function rebased<Row extends object>(base: Row | null, ops: readonly PendingOp[]): Row | null {
  let row: object | null = base
  for (const { type, cols } of ops) {
    if (type === 'delete') row = null
    else if (type === 'insert' || row) row = { ...row, ...cols }
  }
  return row as Row | null
}

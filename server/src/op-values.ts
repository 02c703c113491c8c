import { type Limits, utf8Bytes, type WireOp, type WireValue } from '@durable-sync/core/wire'
import { bytesOfHex } from './hex-bytes.ts'
import type { ErasedOp } from './registry/registered.ts'
import type { SqlBinding } from './registry/sql.ts'
import { Rejection } from './rejection.ts'
import type { Column, TableSchema } from './table-schema.ts'

const INT64_MIN = -(2n ** 63n)
const INT64_MAX = 2n ** 63n - 1n

/** A push says a name once for thousands of writes, and the rejection of each is stored. No client takes a column with a longer one. */
const LONGEST_NAME = 256

interface Value {
  /** As the application sees it. */
  readonly value: unknown
  /** As SQLite stores it. */
  readonly stored: SqlBinding
}

/**
 * The operation that a handler gets: values with their application types, and the same in storage values.
 * @throws Rejection when a value does not fit its column, or the row is too large.
 */
export function decodeOp(op: WireOp, schema: TableSchema, limits: Limits): ErasedOp {
  if (op.key === '') throw new Rejection('key-empty', 'the key is the empty string')
  const cols: Record<string, unknown> = Object.create(null)
  const stored: Record<string, SqlBinding> = Object.create(null)
  let bytes = utf8Bytes(op.key)
  for (const [name, wire] of Object.entries(op.cols ?? {})) {
    const column = schema.columns.find((candidate) => candidate.name === name)
    if (!column)
      throw new Rejection('unknown-column', `"${schema.name}" has no column "${name.slice(0, LONGEST_NAME)}"`)
    const decoded = decodeValue(wire, column, schema)
    cols[name] = decoded.value
    stored[name] = decoded.stored
    bytes += sizeOf(decoded.stored)
  }
  if (Object.hasOwn(cols, schema.key) && cols[schema.key] !== op.key)
    throw new Rejection('key-mismatch', `"${schema.key}" in the row is not the key of the operation`)
  if (op.type === 'insert') {
    cols[schema.key] = op.key
    stored[schema.key] = op.key
  }
  if (bytes > limits.rowBytes)
    throw new Rejection('row-too-large', `the row has ${bytes} bytes, ${limits.rowBytes} are allowed`)
  return { type: op.type, collection: op.collection, key: op.key, cols, stored }
}

function sizeOf(stored: SqlBinding): number {
  if (typeof stored === 'string') return utf8Bytes(stored)
  // It is read as hex, and SQLite's limit holds for what is read as well.
  if (stored instanceof ArrayBuffer || ArrayBuffer.isView(stored)) return 2 * stored.byteLength
  return 8
}

const NULL: Value = { value: null, stored: null }

function decodeValue(wire: WireValue, column: Column, { name }: TableSchema): Value {
  if (wire === null) return NULL
  const mismatch = (expected: string) =>
    new Rejection('value-invalid', `"${name}"."${column.name}" must be ${expected}`)
  switch (column.kind) {
    case 'boolean':
      if (typeof wire !== 'boolean') throw mismatch('a boolean')
      return { value: wire, stored: wire ? 1 : 0 }
    case 'date': {
      if (typeof wire !== 'object' || !('date' in wire)) throw mismatch('a Date')
      const value = new Date(wire.date)
      if (Number.isNaN(value.getTime())) throw mismatch('a valid Date')
      return { value, stored: column.affinity === 'text' ? value.toISOString() : wire.date }
    }
    case 'bigint': {
      const value =
        typeof wire === 'object' && 'int' in wire
          ? BigInt(wire.int)
          : typeof wire === 'number' && Number.isSafeInteger(wire)
            ? BigInt(wire)
            : undefined
      if (value === undefined || value < INT64_MIN || value > INT64_MAX) throw mismatch('a bigint of 64 bits')
      return { value, stored: value.toString() }
    }
    case 'bytes': {
      if (typeof wire !== 'object' || !('hex' in wire)) throw mismatch('bytes')
      const value = new Uint8Array(bytesOfHex(wire.hex))
      return { value, stored: value }
    }
    case 'json': {
      const value = typeof wire === 'object' ? ('json' in wire ? wire.json : undefined) : wire
      if (value === undefined) throw mismatch('a JSON value')
      return { value, stored: JSON.stringify(value) }
    }
    default:
      return plain(wire, column, mismatch)
  }
}

function plain(
  wire: Exclude<WireValue, null>,
  column: Column,
  mismatch: (expected: string) => Rejection,
): Value {
  if (typeof wire === 'number' && isUnreadable(wire, column))
    throw mismatch('between -(2^53 - 1) and 2^53 - 1: declare the column "bigint" to store larger integers')
  if (typeof wire === 'string' || typeof wire === 'number') return { value: wire, stored: wire }
  if (typeof wire === 'boolean')
    throw mismatch('text or a number: declare the column "boolean" to store booleans')
  if ('num' in wire) {
    const value = wire.num === 'Infinity' ? Infinity : -Infinity
    return { value, stored: value }
  }
  const kind = 'date' in wire ? 'date' : 'int' in wire ? 'bigint' : 'hex' in wire ? 'bytes' : 'json'
  throw mismatch(`text or a number: declare the column "${kind}" to store such values`)
}

/** Such a column keeps the number as a 64-bit integer, which is sent as one, and which no client takes for a number. */
const isUnreadable = (value: number, { affinity }: Column) =>
  (affinity === 'integer' || affinity === 'numeric') &&
  Number.isInteger(value) &&
  !Number.isSafeInteger(value) &&
  Math.abs(value) < 2 ** 63

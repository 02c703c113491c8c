import { ProtocolError } from '../errors.ts'
import type { WireValue } from '../wire/index.ts'
import { isWellFormed, jsonProblem } from './json-problem.ts'

const INT64_MIN = -(2n ** 63n)
const INT64_MAX = 2n ** 63n - 1n

const hexOf = (bytes: Uint8Array): string => {
  let hex = ''
  for (const byte of bytes) hex += byte.toString(16).padStart(2, '0')
  return hex
}

/**
 * An application value as it travels. `column` is only for the message.
 * @throws ProtocolError `value-invalid` for a value that the server could not give back as it was written.
 */
export function encodeValue(value: unknown, column: string): WireValue {
  const refuse = (why: string) => new ProtocolError('value-invalid', `The column "${column}" ${why}`)
  switch (typeof value) {
    case 'boolean':
      return value
    case 'string':
      if (!isWellFormed(value)) throw refuse('contains half a surrogate pair')
      return value
    case 'number':
      if (Number.isNaN(value)) throw refuse('is NaN')
      if (!Number.isFinite(value)) return { num: value > 0 ? 'Infinity' : '-Infinity' }
      return value
    case 'bigint':
      if (value < INT64_MIN || value > INT64_MAX) throw refuse('does not fit in 64 bits')
      return { int: value.toString() }
    case 'object':
      return value === null ? null : encodeObject(value, refuse)
    default:
      throw refuse(`is a ${typeof value}`)
  }
}

function encodeObject(value: object, refuse: (why: string) => ProtocolError): WireValue {
  if (value instanceof Date) {
    const date = value.getTime()
    if (Number.isNaN(date)) throw refuse('is an invalid Date')
    return { date }
  }
  if (value instanceof ArrayBuffer) return { hex: hexOf(new Uint8Array(value)) }
  if (ArrayBuffer.isView(value))
    return { hex: hexOf(new Uint8Array(value.buffer, value.byteOffset, value.byteLength)) }
  const problem = jsonProblem(value)
  if (problem) throw refuse(problem)
  return { json: value }
}

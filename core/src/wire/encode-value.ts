import type { WireValue } from './cell.ts'
import { isWellFormed, jsonProblem } from './json-problem.ts'

const INT64_MIN = -(2n ** 63n)
const INT64_MAX = 2n ** 63n - 1n

const hexOf = (bytes: Uint8Array): string => {
  let hex = ''
  for (const byte of bytes) hex += byte.toString(16).padStart(2, '0')
  return hex
}

/** Why a value cannot travel: the rest of a sentence that begins with what it belongs to. */
export class ValueProblem {
  readonly why: string

  constructor(why: string) {
    this.why = why
  }
}

/** An application value as it travels, or why the other side could not give it back as it was. */
export function encodeValue(value: unknown): WireValue | ValueProblem {
  switch (typeof value) {
    case 'boolean':
      return value
    case 'string':
      return isWellFormed(value) ? value : new ValueProblem('contains half a surrogate pair')
    case 'number':
      if (Number.isNaN(value)) return new ValueProblem('is NaN')
      if (!Number.isFinite(value)) return { num: value > 0 ? 'Infinity' : '-Infinity' }
      return value
    case 'bigint':
      if (value < INT64_MIN || value > INT64_MAX) return new ValueProblem('does not fit in 64 bits')
      return { int: value.toString() }
    case 'object':
      return value === null ? null : encodeObject(value)
    default:
      return new ValueProblem(`is a ${typeof value}`)
  }
}

function encodeObject(value: object): WireValue | ValueProblem {
  if (value instanceof Date) {
    const date = value.getTime()
    return Number.isNaN(date) ? new ValueProblem('is an invalid Date') : { date }
  }
  if (value instanceof ArrayBuffer) return { hex: hexOf(new Uint8Array(value)) }
  if (ArrayBuffer.isView(value))
    return { hex: hexOf(new Uint8Array(value.buffer, value.byteOffset, value.byteLength)) }
  const problem = jsonProblem(value)
  return problem === undefined ? { json: value } : new ValueProblem(problem)
}

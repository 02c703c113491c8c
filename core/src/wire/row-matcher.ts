import type { Cell, ColumnKind, WireValue } from './cell.ts'
import { dateOfCell } from './date-of-cell.ts'
import { patternMatcher } from './match-pattern.ts'
import type { Predicate } from './predicate.ts'
import type { Kinds } from './server-frame.ts'

/** True, false, or null for unknown, as in SQL: a comparison with null is unknown, and so is its negation. */
type Verdict = boolean | null
type Test = (cells: readonly Cell[]) => Verdict

/** What a cell is to a comparison: a date is its milliseconds, bytes are their hex cell, a JSON document is what it says. */
type Value = unknown

/** A `Date` compares as its milliseconds. Text that is no date stays text, as the application sees it. */
function dateOf(cell: Cell): Value {
  if (typeof cell !== 'number' && typeof cell !== 'string') return plain(cell)
  const ms = dateOfCell(cell).getTime()
  return Number.isNaN(ms) ? cell : ms
}

function jsonOf(cell: Cell): Value {
  if (typeof cell !== 'string') return plain(cell)
  try {
    const document: unknown = JSON.parse(cell)
    // The application would compare it by reference: it equals nothing, as NaN does.
    return typeof document === 'object' && document !== null ? Number.NaN : document
  } catch {
    return cell
  }
}

const plain = (cell: Cell): Value =>
  typeof cell === 'object' && cell !== null && 'int' in cell ? BigInt(cell.int) : cell

/** The value that the application compares, for every kind. It must follow what the client decodes: `decode-row.ts`. */
const VALUES: Readonly<Record<ColumnKind, (cell: Cell) => Value>> = {
  boolean: (cell) => (cell === 1 ? true : cell === 0 ? false : plain(cell)),
  date: dateOf,
  json: jsonOf,
  bigint: (cell) => (typeof cell === 'number' && Number.isInteger(cell) ? BigInt(cell) : plain(cell)),
  bytes: plain,
}

/** A literal in the same terms. An object literal equals nothing: the application would compare it by reference. */
function literalOf(value: WireValue): Value {
  if (typeof value !== 'object' || value === null) return value
  if ('int' in value) return BigInt(value.int)
  if ('date' in value) return value.date
  if ('num' in value) return value.num === 'Infinity' ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY
  return 'hex' in value ? value : NaN
}

const hexOf = (value: Value): string | undefined =>
  typeof value === 'object' && value !== null && 'hex' in value ? String(value.hex).toLowerCase() : undefined

const isNumeric = (value: Value): value is number | bigint =>
  typeof value === 'number' || typeof value === 'bigint'

/** Booleans order as 0 and 1. */
const orderable = (value: Value): Value => (typeof value === 'boolean' ? Number(value) : value)

/** Values of different types are never in an order: JavaScript would convert them, SQL would rank the types. */
function compare(a: Value, b: Value): number | undefined {
  const [x, y] = [orderable(a), orderable(b)]
  if (isNumeric(x) && isNumeric(y)) return x < y ? -1 : x > y ? 1 : x === y ? 0 : compareMixed(x, y)
  if (typeof x === 'string' && typeof y === 'string') return x < y ? -1 : x > y ? 1 : 0
  return undefined
}

/** Neither less nor greater and not identical: a number and a bigint of the same value, or NaN. */
const compareMixed = (x: number | bigint, y: number | bigint): number | undefined =>
  Number.isNaN(Number(x)) || Number.isNaN(Number(y)) ? undefined : 0

const ORDERED: Readonly<Record<'gt' | 'gte' | 'lt' | 'lte', (sign: number) => boolean>> = {
  gt: (sign) => sign > 0,
  gte: (sign) => sign >= 0,
  lt: (sign) => sign < 0,
  lte: (sign) => sign <= 0,
}

class Compiler {
  readonly #cols: readonly string[]
  readonly #kinds: Kinds

  constructor(cols: readonly string[], kinds: Kinds) {
    this.#cols = cols
    this.#kinds = kinds
  }

  test(predicate: Predicate): Test {
    switch (predicate.op) {
      case 'always':
        return () => true
      case 'never':
        return () => false
      case 'not': {
        const of = this.test(predicate.of)
        return (cells) => {
          const verdict = of(cells)
          return verdict === null ? null : !verdict
        }
      }
      case 'and':
        return every(predicate.of.map((each) => this.test(each)))
      case 'or':
        return some(predicate.of.map((each) => this.test(each)))
      case 'isNull': {
        const value = this.#value(predicate.column)
        return (cells) => value(cells) === null
      }
      // A stored row has every column.
      case 'isUndefined':
        return () => false
      case 'in':
        return this.#in(predicate.column, predicate.values)
      default:
        return this.#comparison(predicate.op, predicate.column, predicate.value)
    }
  }

  #value(column: string): (cells: readonly Cell[]) => Value {
    const at = this.#cols.indexOf(column)
    const kind = Object.hasOwn(this.#kinds, column) ? this.#kinds[column] : undefined
    const decode = kind === undefined ? plain : VALUES[kind]
    return (cells) => decode(cells[at] ?? null)
  }

  #comparison(
    op: 'eq' | 'gt' | 'gte' | 'lt' | 'lte' | 'like' | 'ilike',
    column: string,
    wire: WireValue,
  ): Test {
    const literal = literalOf(wire)
    const value = this.#value(column)
    if (literal === null) return () => null
    const test = binaryTest(op, literal)
    return (cells) => {
      const actual = value(cells)
      return actual === null ? null : test(actual)
    }
  }

  #in(column: string, values: readonly WireValue[]): Test {
    const value = this.#value(column)
    const literals = values.map(literalOf).filter((literal) => literal !== null)
    const plainOnes = new Set(literals.filter((literal) => hexOf(literal) === undefined))
    const blobs = new Set(literals.map(hexOf).filter((hex) => hex !== undefined))
    // NaN stands for what equals nothing.
    plainOnes.delete(Number.NaN)
    return (cells) => {
      const actual = value(cells)
      if (actual === null) return null
      const hex = hexOf(actual)
      return hex === undefined ? plainOnes.has(actual) : blobs.has(hex)
    }
  }
}

function binaryTest(
  op: 'eq' | 'gt' | 'gte' | 'lt' | 'lte' | 'like' | 'ilike',
  literal: Value,
): (actual: Value) => boolean {
  switch (op) {
    case 'eq': {
      const hex = hexOf(literal)
      return hex === undefined ? (actual) => actual === literal : (actual) => hexOf(actual) === hex
    }
    case 'like':
    case 'ilike': {
      if (typeof literal !== 'string') return () => false
      const fold = op === 'ilike'
      const matches = patternMatcher(fold ? literal.toLowerCase() : literal)
      return (actual) => typeof actual === 'string' && matches(fold ? actual.toLowerCase() : actual)
    }
    default: {
      const holds = ORDERED[op]
      return (actual) => {
        const sign = compare(actual, literal)
        return sign !== undefined && holds(sign)
      }
    }
  }
}

const every =
  (tests: readonly Test[]): Test =>
  (cells) => {
    let all: Verdict = true
    for (const test of tests) {
      const verdict = test(cells)
      if (verdict === false) return false
      if (verdict === null) all = null
    }
    return all
  }

const some =
  (tests: readonly Test[]): Test =>
  (cells) => {
    let any: Verdict = false
    for (const test of tests) {
      const verdict = test(cells)
      if (verdict === true) return true
      if (verdict === null) any = null
    }
    return any
  }

/**
 * The one law of membership. Both ends decide with it, about storage values, so that a row is in a subset or not whoever looks; SQL only
 * narrows what is looked at. It says what TanStack DB's own evaluator says about the same row, with one exception: values of different
 * types (a number and text) are never greater or less than one another. Source: `@tanstack/db` 0.15.2, `query/compiler/evaluators.ts`.
 */
export function rowMatcher(
  predicate: Predicate,
  cols: readonly string[],
  kinds: Kinds,
): (cells: readonly Cell[]) => boolean {
  const test = new Compiler(cols, kinds).test(predicate)
  return (cells) => test(cells) === true
}

import type { Predicate, WireValue } from '@durable-sync/core/wire'
import { ALWAYS, allOf, anyOf, type Condition, NEVER, roughly } from './condition.ts'
import { type Comparison, StoredColumn } from './stored-column.ts'
import type { Column } from './table-schema.ts'

export type Leaf = Exclude<Predicate, { op: 'and' | 'or' | 'not' | 'always' | 'never' }>

/** A literal by what it is compared as; a date is its milliseconds. A JSON document equals nothing. */
type Literal = null | string | number | bigint | boolean | { readonly hex: string } | 'nothing'[]

const NOTHING: 'nothing'[] = []

function literalOf(value: WireValue): Literal {
  if (typeof value !== 'object' || value === null) return value
  if ('int' in value) return BigInt(value.int)
  if ('date' in value) return value.date
  if ('num' in value) return value.num === 'Infinity' ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY
  return 'hex' in value ? { hex: value.hex } : NOTHING
}

const isHex = (literal: Literal): literal is { hex: string } =>
  typeof literal === 'object' && literal !== null && 'hex' in literal

/** Conditions on what a column means, which is what `rowMatcher` compares: each says the same as its counterpart there. */
export class ComparedColumn {
  readonly #stored: StoredColumn
  readonly #column: Column

  constructor(table: string, column: Column) {
    this.#stored = new StoredColumn(table, column)
    this.#column = column
  }

  /** Rows for which `leaf` is true, or those for which it is false: for null it is often neither. */
  where(leaf: Leaf, is: boolean): Condition {
    // A stored row has every column.
    if (!('value' in leaf || 'values' in leaf)) {
      if (leaf.op === 'isUndefined') return is ? NEVER : ALWAYS
      return is ? this.#isNull : this.#isNotNull
    }
    if ('value' in leaf && leaf.value === null) return NEVER
    const holds = 'values' in leaf ? this.#in(leaf.values) : this.#compares(leaf.op, literalOf(leaf.value))
    if (is) return holds
    const fails = this.#stored.isOtherThan(holds)
    return this.#column.kind === 'json' ? roughly(fails) : fails
  }

  /** A JSON document may be null, too. */
  get #isNull(): Condition {
    const { isNull, isText } = this.#stored
    return this.#column.kind === 'json' ? roughly(anyOf([isNull, isText])) : isNull
  }

  get #isNotNull(): Condition {
    return this.#column.kind === 'json' ? roughly(this.#stored.isNotNull) : this.#stored.isNotNull
  }

  #compares(op: Exclude<Leaf['op'], 'in' | 'isNull' | 'isUndefined'>, literal: Literal): Condition {
    switch (op) {
      case 'eq':
        return this.#equals(literal)
      case 'like':
      case 'ilike':
        return typeof literal === 'string' ? this.#like(op, literal) : NEVER
      default:
        return this.#ordered(op, literal)
    }
  }

  #equals(literal: Literal): Condition {
    if (literal === null || literal === NOTHING) return NEVER
    if (isHex(literal)) return this.#stored.equalsBlob(literal.hex)
    switch (this.#column.kind) {
      case 'json':
        return roughly(this.#stored.isNotNull)
      case 'date':
        if (typeof literal === 'number') return this.#dateBetween(literal, literal)
        break
      case 'boolean':
        if (typeof literal === 'boolean') return this.#stored.equalsNumber(Number(literal))
        if (literal === 0 || literal === 1) return NEVER
        break
      case 'bigint':
        if (typeof literal === 'bigint') return this.#stored.equalsInteger(literal, false)
        if (Number.isInteger(literal)) return NEVER
    }
    switch (typeof literal) {
      case 'number':
        return this.#stored.equalsNumber(literal)
      case 'bigint':
        return this.#stored.equalsInteger(literal, true)
      case 'string':
        return this.#ofText(this.#stored.equalsText(literal))
      default:
        return NEVER
    }
  }

  #in(values: readonly WireValue[]): Condition {
    const { kind } = this.#column
    const literals = values.map(literalOf).filter((literal) => literal !== null && literal !== NOTHING)
    const others = literals.filter((literal) => !isHex(literal))
    const blobs = this.#stored.blobIn(literals.filter(isHex).map(({ hex }) => hex))
    if (kind === 'json') return others.length === 0 ? blobs : roughly(this.#stored.isNotNull)
    const numbers = literals.filter((literal) => typeof literal === 'number')
    const bools = literals.filter((literal) => typeof literal === 'boolean').map(Number)
    const integers = literals.filter((literal) => typeof literal === 'bigint')
    const texts = literals.filter((literal) => typeof literal === 'string')
    return anyOf([
      blobs,
      this.#numberIn(numbers, bools),
      this.#stored.integerIn(integers, kind !== 'bigint'),
      texts.length === 0 ? NEVER : this.#ofText(this.#stored.textIn(texts)),
    ])
  }

  #numberIn(numbers: readonly number[], bools: readonly number[]): Condition {
    switch (this.#column.kind) {
      case 'date':
        return numbers.length === 0 ? NEVER : this.#dateBetween(Math.min(...numbers), Math.max(...numbers))
      case 'boolean':
        return this.#stored.numberIn([...numbers.filter((each) => each !== 0 && each !== 1), ...bools])
      case 'bigint':
        return this.#stored.numberIn(numbers.filter((each) => !Number.isInteger(each)))
      default:
        return this.#stored.numberIn(numbers)
    }
  }

  #ordered(op: Comparison, literal: Literal): Condition {
    if (typeof literal === 'string') return this.#ofText(this.#stored.compareText(op, literal))
    const value = typeof literal === 'boolean' ? Number(literal) : literal
    if (this.#column.kind === 'date') {
      if (typeof value === 'bigint') return roughly(this.#stored.isNotNull)
      if (typeof value !== 'number') return NEVER
      return op === 'gt' || op === 'gte' ? this.#dateBetween(value, null) : this.#dateBetween(null, value)
    }
    if (typeof value === 'number') return this.#stored.compareNumber(op, value)
    return typeof value === 'bigint' ? this.#stored.compareInteger(op, value) : NEVER
  }

  #like(op: 'like' | 'ilike', pattern: string): Condition {
    if (this.#column.kind === 'json') return roughly(this.#stored.isNotNull)
    // SQLite folds the case of ASCII only.
    return this.#ofText(op === 'like' ? this.#stored.like(pattern) : roughly(this.#stored.isText))
  }

  /** Text that is a date, or a JSON document, is no text to a comparison. */
  #ofText(each: Condition): Condition {
    const { kind } = this.#column
    if (kind === 'json') return roughly(this.#stored.isNotNull)
    return kind === 'date' ? roughly(each) : each
  }

  /**
   * What may be a date from `low` to `high`. A number is cut to whole milliseconds, hence the slack of one. Text that is not written as
   * `Date` writes it may be any date: such a condition is not served by an index.
   */
  #dateBetween(low: number | null, high: number | null): Condition {
    const [from, to] = [low === null ? null : low - 1, high === null ? null : high + 1]
    if (this.#column.affinity !== 'text') return roughly(this.#stored.numberBetweenOrText(from, to))
    const written = this.#stored.textBetween(
      from === null ? null : dateText(from),
      to === null ? null : dateText(to),
    )
    return roughly(anyOf([written, allOf([this.#stored.isText, this.#stored.isOddDate])]))
  }
}

const FIRST_WRITTEN = Date.parse('0000-01-01T00:00:00.000Z')
const LAST_WRITTEN = Date.parse('9999-12-31T23:59:59.999Z')

/** A text that is to dates of four-digit years, as text, what `ms` is to their milliseconds. */
function dateText(ms: number): string {
  if (ms < FIRST_WRITTEN) return ''
  return ms > LAST_WRITTEN ? ':' : new Date(Math.floor(ms)).toISOString()
}

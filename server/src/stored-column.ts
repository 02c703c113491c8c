import { isWellFormed } from '@durable-sync/core/wire'
import { ANYTHING, allOf, anyOf, type Condition, condition, NEVER, roughly } from './condition.ts'
import { bytesOfHex } from './hex-bytes.ts'
import { column } from './identifier.ts'
import type { Column } from './table-schema.ts'
import { afterPrefix, orderedPrefix, readPattern } from './text-pattern.ts'

export type Comparison = 'gt' | 'gte' | 'lt' | 'lte'
const SIGNS: Readonly<Record<Comparison, string>> = { gt: '>', gte: '>=', lt: '<', lte: '<=' }

/** More values than this are not bound one by one. */
const MAX_SINGLE = 8

/**
 * Conditions on what a column stores, whatever it means. SQLite ranks numbers below all text and text below all blobs, so a range of one
 * class is bounded by `''` and `x''`, which an index serves, and `typeof` does not. Every text comparison says BINARY: the column may
 * have been declared with another collation.
 */
export class StoredColumn {
  readonly #ref: string
  readonly #affinity: Column['affinity']

  constructor(table: string, { name, affinity }: Column) {
    this.#ref = column(table, name)
    this.#affinity = affinity
  }

  get #convertsText(): boolean {
    return this.#affinity !== 'text' && this.#affinity !== 'blob'
  }

  get isNull(): Condition {
    return condition(`${this.#ref} IS NULL`)
  }

  get isNotNull(): Condition {
    return condition(`${this.#ref} IS NOT NULL`)
  }

  get isText(): Condition {
    return condition(`typeof(${this.#ref}) = 'text'`)
  }

  /** Not null, and `of` does not hold. */
  isOtherThan(of: Condition): Condition {
    if (of.sql === '0' || !of.exact) return of.exact ? this.isNotNull : roughly(this.isNotNull)
    return condition(`(${this.#ref} IS NOT NULL AND (${of.sql}) IS NOT TRUE)`, ...of.params)
  }

  // Numbers. A column of TEXT affinity holds none, and would turn the parameter into text.

  /** An integer that a double cannot hold is no number but a bigint: reading makes them different. */
  equalsNumber(value: number): Condition {
    if (this.#affinity === 'text') return NEVER
    const isBig = Number.isInteger(value) && !Number.isSafeInteger(value)
    return isBig
      ? condition(`(typeof(${this.#ref}) = 'real' AND ${this.#ref} = ?)`, value)
      : condition(`(${this.#ref} = ?)`, value)
  }

  numberIn(values: readonly number[]): Condition {
    if (this.#affinity === 'text') return NEVER
    const integers = values.filter((value) => Number.isSafeInteger(value))
    // The decimal text of any other number is not sure to come back as the same number.
    const rest = values.filter((value) => !Number.isSafeInteger(value))
    return anyOf([
      this.#among('', integers),
      ...(rest.length > MAX_SINGLE ? [this.#isReal] : rest.map((value) => this.equalsNumber(value))),
    ])
  }

  get #isReal(): Condition {
    return roughly(condition(`typeof(${this.#ref}) = 'real'`))
  }

  compareNumber(op: Comparison, value: number): Condition {
    if (this.#affinity === 'text') return NEVER
    return this.#ofNumbers(op, condition(`${this.#ref} ${SIGNS[op]} ?`, value))
  }

  /** From one number to the other, both included, and every text: what may be a date. */
  numberBetweenOrText(low: number | null, high: number | null): Condition {
    const from = low === null ? [] : [condition(`${this.#ref} >= ?`, low)]
    const to = high === null ? [] : [condition(`${this.#ref} <= ?`, high)]
    if (high === null) return allOf(from)
    return anyOf([allOf([...from, ...to]), condition(`${this.#ref} >= ''`)])
  }

  #ofNumbers(op: Comparison, each: Condition): Condition {
    return op === 'lt' || op === 'lte' ? each : allOf([each, condition(`${this.#ref} < ''`)])
  }

  // Integers of 64 bits. A plus sign takes the affinity from the cast, which would otherwise convert the column.

  /** `big`: only those that a double cannot hold. */
  equalsInteger(value: bigint, big: boolean): Condition {
    if (this.#affinity === 'text' || (big && isSafe(value))) return NEVER
    if (!isStored(value)) return big ? NEVER : this.#isReal
    const type = big ? `= 'integer'` : `IN ('integer', 'real')`
    const equal = condition(
      `(typeof(${this.#ref}) ${type} AND ${this.#ref} = +CAST(? AS INTEGER))`,
      value.toString(),
    )
    return this.#isLossy(value) ? roughly(equal) : equal
  }

  integerIn(values: readonly bigint[], big: boolean): Condition {
    if (this.#affinity === 'text') return NEVER
    const stored = values.filter((value) => isStored(value) && !(big && isSafe(value)))
    const type = big ? `= 'integer'` : `IN ('integer', 'real')`
    const among = this.#among(`typeof(${this.#ref}) ${type} AND `, stored)
    return anyOf([
      stored.some((value) => this.#isLossy(value)) ? roughly(among) : among,
      big || values.every(isStored) ? NEVER : this.#isReal,
    ])
  }

  compareInteger(op: Comparison, value: bigint): Condition {
    if (this.#affinity === 'text') return NEVER
    if (!isStored(value) || this.#isLossy(value)) return roughly(condition(`${this.#ref} < ''`))
    return this.#ofNumbers(op, condition(`${this.#ref} ${SIGNS[op]} +CAST(? AS INTEGER)`, value.toString()))
  }

  /** Looked for in an index of a REAL column, an integer is rounded. */
  #isLossy(value: bigint): boolean {
    return this.#affinity === 'real' && !isSafe(value)
  }

  #among(guard: string, values: readonly (number | bigint)[]): Condition {
    if (values.length === 0) return NEVER
    return condition(`(${guard}${this.#ref} IN (SELECT value FROM json_each(?)))`, `[${values.join(',')}]`)
  }

  // Text

  /** Half a surrogate pair cannot be stored, so nothing is equal to it. */
  equalsText(value: string): Condition {
    if (!isWellFormed(value)) return NEVER
    return this.#guarded(condition(`${this.#ref} = ? COLLATE BINARY`, value))
  }

  textIn(values: readonly string[]): Condition {
    const stored = values.filter(isWellFormed)
    // SQLite's JSON ends a text at U+0000.
    const whole = stored.filter((value) => !value.includes('\0'))
    const list = `${this.#ref} COLLATE BINARY IN (SELECT value FROM json_each(?))`
    return anyOf([
      whole.length === 0 ? NEVER : this.#guarded(condition(list, JSON.stringify(whole))),
      whole.length === stored.length
        ? NEVER
        : roughly(allOf([this.isText, condition(`instr(${this.#ref}, char(0)) > 0`)])),
    ])
  }

  /** SQLite orders text by code point, JavaScript by UTF-16 unit: what comes after the first surrogate is left open. */
  compareText(op: Comparison, value: string): Condition {
    const prefix = orderedPrefix(value)
    if (prefix === value)
      return op === 'gt' || op === 'gte'
        ? this.#textRange([`${SIGNS[op]} ?`, value], null)
        : this.#textRange(null, [`${SIGNS[op]} ?`, value])
    const after = afterPrefix(prefix)
    if (op === 'gt' || op === 'gte') return roughly(this.#textRange(['>= ?', prefix], null))
    return roughly(this.#textRange(null, after === null ? null : ['< ?', after]))
  }

  /** Text from one to the other, by code point. */
  textBetween(low: string | null, high: string | null): Condition {
    return this.#textRange(low === null ? null : ['>= ?', low], high === null ? null : ['<= ?', high])
  }

  like(pattern: string): Condition {
    const { prefix, part, is } = readPattern(pattern)
    if (is === 'whole') return this.equalsText(pattern)
    const after = afterPrefix(prefix)
    const begins =
      prefix === '' ? this.isText : this.#textRange(['>= ?', prefix], after === null ? null : ['< ?', after])
    if (is === 'beginning') return begins
    const contains = part === '' ? ANYTHING : condition(`instr(${this.#ref}, ?) > 0`, part)
    const both = allOf([begins, contains])
    return is === 'part' ? both : roughly(both)
  }

  /** Text that is not written as `Date` writes it. */
  get isOddDate(): Condition {
    return condition(`strftime('%Y-%m-%dT%H:%M:%fZ', ${this.#ref}) IS NOT ${this.#ref}`)
  }

  /** A column of numeric affinity would turn a parameter that looks like a number into one. */
  #guarded(each: Condition): Condition {
    return this.#convertsText ? allOf([this.isText, each]) : each
  }

  #textRange(low: readonly [string, string] | null, high: readonly [string, string] | null): Condition {
    // Converted, the bounds would be numbers and not be in the order of texts. Without its affinity the column has no index.
    const ref = this.#convertsText ? `+${this.#ref}` : this.#ref
    return allOf([
      low ? condition(`${ref} ${low[0]} COLLATE BINARY`, low[1]) : condition(`${ref} >= ''`),
      high ? condition(`${ref} ${high[0]} COLLATE BINARY`, high[1]) : condition(`${ref} < x''`),
    ])
  }

  // Blobs

  equalsBlob(hex: string): Condition {
    return condition(`(${this.#ref} = ?)`, bytesOfHex(hex))
  }

  blobIn(hexes: readonly string[]): Condition {
    if (hexes.length === 0) return NEVER
    const list = JSON.stringify(hexes)
    return condition(
      `(typeof(${this.#ref}) = 'blob' AND ${this.#ref} IN (SELECT unhex(value) FROM json_each(?)))`,
      list,
    )
  }
}

const isSafe = (value: bigint): boolean =>
  value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER)

const isStored = (value: bigint): boolean => value >= -(2n ** 63n) && value < 2n ** 63n

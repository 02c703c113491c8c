import type { Predicate, RefusalCode, WireValue } from '@durable-sync/core/wire'
import { likeCondition } from './like-sql.ts'
import type { PredicateParam } from './predicate-sql.ts'
import type { Refusal } from './subscriptions.ts'
import type { Column } from './table-schema.ts'

/** True for every row that is meant, and when `exact` for no other. Never null for a row whose column is not. */
export interface Condition {
  readonly sql: string
  readonly params: readonly PredicateParam[]
  readonly exact: boolean
}

export const NOTHING: Condition = { sql: '0', params: [], exact: true }

export class Unsupported extends Error {
  readonly refusal: Refusal

  constructor(code: RefusalCode, message: string) {
    super(message)
    this.refusal = { code, message }
  }
}

type Comparison = Exclude<Predicate, { op: 'and' | 'or' | 'not' | 'always' | 'never' }>
type Ordered = 'gt' | 'gte' | 'lt' | 'lte'

const OPERATORS: Readonly<Record<Ordered, string>> = { gt: '>', gte: '>=', lt: '<', lte: '<=' }

const exactly = (sql: string, ...params: PredicateParam[]): Condition => ({ sql, params, exact: true })
/** Some of these rows are not meant: each is looked at again. */
const atMost = (sql: string, ...params: PredicateParam[]): Condition => ({ sql, params, exact: false })

/** The condition under which a comparison is `wanted`. It is neither true nor false where the column is null. */
export function conditionOf(comparison: Comparison, info: Column, c: string, wanted: boolean): Condition {
  if (!('value' in comparison || 'values' in comparison)) return absence(comparison.op, info, c, wanted)
  if ('value' in comparison && comparison.value === null) return NOTHING
  const holds = whereTrue(comparison, info, c)
  if (wanted) return holds
  return holds.exact ? { ...holds, sql: `(${c} IS NOT NULL AND NOT ${holds.sql})` } : present(c)
}

function absence(op: 'isNull' | 'isUndefined', info: Column, c: string, wanted: boolean): Condition {
  // A stored row has every column.
  if (op === 'isUndefined') return wanted ? NOTHING : exactly('1')
  // A JSON document may say null.
  if (info.kind === 'json') return wanted ? atMost(`(${c} IS NULL OR instr(${c}, 'null') > 0)`) : present(c)
  return exactly(wanted ? `${c} IS NULL` : `${c} IS NOT NULL`)
}

const present = (c: string): Condition => atMost(`${c} IS NOT NULL`)

function whereTrue(
  comparison: Extract<Comparison, { value: WireValue } | { values: readonly WireValue[] }>,
  info: Column,
  c: string,
): Condition {
  switch (comparison.op) {
    case 'eq':
      return equal(comparison.value, info, c)
    case 'in':
      return oneOf(comparison.values, info, c)
    case 'like':
    case 'ilike':
      return likeCondition(comparison.op, comparison.value, info, c)
    default:
      return ordered(comparison.op, comparison.value, info, c)
  }
}

type Literal =
  | { readonly is: 'text'; readonly value: string }
  | { readonly is: 'number' | 'bigint'; readonly value: number | bigint }
  | { readonly is: 'boolean'; readonly value: boolean }
  | { readonly is: 'bytes'; readonly value: ArrayBuffer }
  /** A document, which equals nothing: the application would compare it by reference. */
  | { readonly is: 'document' }

function literalOf(value: Exclude<WireValue, null>): Literal {
  if (typeof value === 'string') return { is: 'text', value }
  if (typeof value === 'number') return { is: 'number', value }
  if (typeof value === 'boolean') return { is: 'boolean', value }
  if ('int' in value) return { is: 'bigint', value: BigInt(value.int) }
  if ('date' in value) return { is: 'number', value: value.date }
  if ('num' in value)
    return { is: 'number', value: value.num === 'Infinity' ? Number.POSITIVE_INFINITY : -Infinity }
  return 'hex' in value ? { is: 'bytes', value: bytesOf(value.hex) } : { is: 'document' }
}

function bytesOf(hex: string): ArrayBuffer {
  const bytes = new Uint8Array(hex.length / 2)
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16)
  return bytes.buffer
}

const isSafe = (value: number | bigint): boolean =>
  value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER

/** Of a column that SQLite compares as numbers, so that text that looks like one would be converted. */
const isNumeric = ({ affinity }: Column): boolean => affinity !== 'text' && affinity !== 'blob'

/** Text in such a column is compared as text. An index serves it where nothing would be converted anyway. */
const asText = (info: Column, c: string): string => (isNumeric(info) ? `+${c}` : c)

/** A bigint binds as nothing at all: as its digits. */
const bigintParam = 'CAST(? AS INTEGER)'

function equal(wire: WireValue, info: Column, c: string): Condition {
  if (wire === null) return NOTHING
  const literal = literalOf(wire)
  if (literal.is === 'document') return NOTHING
  if (info.kind === 'json') return present(c)
  if (literal.is === 'bytes') return exactly(`(${c} = ?)`, literal.value)
  if (literal.is === 'text') {
    const same = exactly(`(typeof(${c}) = 'text' AND ${asText(info, c)} = ?)`, literal.value)
    return info.kind === 'date' ? { ...same, exact: false } : same
  }
  if (info.kind === 'date')
    return literal.is === 'number' ? sameDate(Number(literal.value), info, c) : present(c)
  // Text never equals a number.
  if (info.affinity === 'text') return NOTHING
  if (literal.is === 'boolean')
    return info.kind === 'boolean' ? exactly(`(${c} = ?)`, literal.value ? 1 : 0) : NOTHING
  return literal.is === 'bigint'
    ? sameBigint(BigInt(literal.value), info, c)
    : sameNumber(Number(literal.value), info, c)
}

function sameNumber(value: number, { kind }: Column, c: string): Condition {
  if (kind === 'boolean' && (value === 0 || value === 1)) return NOTHING
  if (kind === 'bigint' && Number.isInteger(value)) return NOTHING
  // A stored integer that a double cannot hold is a bigint to the application.
  return isSafe(value) ? exactly(`(${c} = ?)`, value) : exactly(`(typeof(${c}) = 'real' AND ${c} = ?)`, value)
}

function sameBigint(value: bigint, { kind }: Column, c: string): Condition {
  if (kind === 'bigint')
    return exactly(`(typeof(${c}) IN ('integer', 'real') AND ${c} = ${bigintParam})`, value.toString())
  if (isSafe(value)) return NOTHING
  return exactly(`(typeof(${c}) = 'integer' AND ${c} = ${bigintParam})`, value.toString())
}

/**
 * Not ISO text of the form that `toISOString` gives, so that nobody knows how it sorts. Nor do days that not every month has and hour 24:
 * `Date` takes them for the day after.
 */
const isOddDate = (c: string): string =>
  `NOT (${c} GLOB '????-??-??T??:??:??.???Z' AND substr(${c}, 9, 2) <= '28' AND substr(${c}, 12, 2) < '24')`

const isoOf = (ms: number): string | undefined => {
  const date = new Date(ms)
  const year = date.getUTCFullYear()
  return year >= 0 && year <= 9999 ? date.toISOString() : undefined
}

/** `Date` cuts fractions off. Text in a numeric column sorts behind every number, and may still be a date. */
function sameDate(ms: number, info: Column, c: string): Condition {
  if (info.affinity !== 'text') return atMost(`((${c} >= ? AND ${c} <= ?) OR ${c} >= '')`, ms - 1, ms + 1)
  const iso = isoOf(ms)
  return iso === undefined ? atMost(isOddDate(c)) : atMost(`(${c} = ? OR ${isOddDate(c)})`, iso)
}

function orderedDate(op: Ordered, ms: number, info: Column, c: string): Condition {
  const rising = op === 'gt' || op === 'gte'
  if (info.affinity !== 'text')
    return rising ? atMost(`(${c} > ?)`, ms - 1) : atMost(`(${c} < ? OR ${c} >= '')`, ms + 1)
  const iso = isoOf(ms)
  return iso === undefined ? present(c) : atMost(`(${c} ${OPERATORS[op]} ? OR ${isOddDate(c)})`, iso)
}

/** Text that JavaScript and SQLite may order differently: by UTF-16 unit and by code point. */
const ordersAlike = (text: string): boolean => !/[\ud800-\uffff]/.test(text)

function ordered(op: Ordered, wire: WireValue, info: Column, c: string): Condition {
  if (wire === null) return NOTHING
  const literal = literalOf(wire)
  const refuse = (what: string) =>
    new Unsupported('predicate-unsupported', `${op} cannot compare the column "${info.name}" with ${what}`)
  if (info.kind === 'json' || info.kind === 'bytes') throw refuse(`anything: it is of kind ${info.kind}`)
  if (literal.is === 'bytes' || literal.is === 'document') throw refuse(`${literal.is}`)
  if (literal.is === 'text') {
    const text = `typeof(${c}) = 'text'`
    if (info.kind === 'date' || !ordersAlike(literal.value)) return atMost(`(${text})`)
    return exactly(`(${asText(info, c)} ${OPERATORS[op]} ? AND ${text})`, literal.value)
  }
  if (info.kind === 'date')
    return literal.is === 'number' && Number.isFinite(literal.value)
      ? orderedDate(op, Number(literal.value), info, c)
      : present(c)
  if (info.affinity === 'text') throw refuse(`a ${literal.is}: it is a TEXT column`)
  const [param, value] =
    literal.is === 'bigint'
      ? ([bigintParam, literal.value.toString()] as const)
      : (['?', Number(literal.value)] as const)
  return exactly(`(${c} ${OPERATORS[op]} ${param} AND typeof(${c}) IN ('integer', 'real'))`, value)
}

/** Longer lists go through one parameter. */
const SHORT_LIST = 4

function oneOf(values: readonly WireValue[], info: Column, c: string): Condition {
  const wanted = values.filter((value) => value !== null)
  if (wanted.length <= SHORT_LIST) return anyOf(wanted.map((value) => equal(value, info, c)))
  if (info.kind !== undefined && info.kind !== 'bytes') return anyOf(chunkless(wanted, info, c))
  const literals = wanted.map(literalOf)
  const texts = literals.flatMap((literal) => (literal.is === 'text' ? [literal.value] : []))
  const numbers = literals.flatMap((literal) => (literal.is === 'number' ? [Number(literal.value)] : []))
  const others = wanted.filter((value) => {
    const { is } = literalOf(value)
    return is !== 'text' && is !== 'number'
  })
  const safe = numbers.filter((value) => isSafe(value))
  const rest = [...others, ...numbers.filter((value) => !isSafe(value))]
  const conditions: Condition[] = []
  if (texts.length > 0)
    conditions.push(
      exactly(
        `(typeof(${c}) = 'text' AND ${asText(info, c)} IN (SELECT value FROM json_each(?)))`,
        JSON.stringify(texts),
      ),
    )
  if (safe.length > 0 && info.affinity !== 'text')
    conditions.push(
      exactly(`(typeof(${c}) <> 'text' AND ${c} IN (SELECT value FROM json_each(?)))`, JSON.stringify(safe)),
    )
  if (rest.length > SHORT_LIST) conditions.push(present(c))
  else conditions.push(...rest.map((value) => equal(value as WireValue, info, c)))
  return anyOf(conditions)
}

/** A long list of a column with a kind: bigints by their digits, anything else row by row. */
function chunkless(values: readonly Exclude<WireValue, null>[], info: Column, c: string): Condition[] {
  const literals = values.map(literalOf)
  if (info.kind === 'boolean') return [equal(true, info, c), equal(false, info, c), present(c)]
  if (info.kind !== 'bigint' || info.affinity === 'text' || !literals.every(({ is }) => is === 'bigint'))
    return [present(c)]
  const digits = `[${literals.map((literal) => (literal.is === 'bigint' ? literal.value : 0)).join(',')}]`
  return [
    exactly(`(typeof(${c}) IN ('integer', 'real') AND ${c} IN (SELECT value FROM json_each(?)))`, digits),
  ]
}

function anyOf(conditions: readonly Condition[]): Condition {
  const [first] = conditions
  if (!first) return NOTHING
  if (conditions.length === 1) return first
  return {
    sql: `(${conditions.map(({ sql }) => sql).join(' OR ')})`,
    params: conditions.flatMap(({ params }) => params),
    exact: conditions.every(({ exact }) => exact),
  }
}

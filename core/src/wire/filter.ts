import type { WireValue } from './cell.ts'
import { encodeValue, ValueProblem } from './encode-value.ts'
import type { Predicate } from './predicate.ts'

/** Rows whose columns have these values: one of several where a list is given, no value where null is. */
export type FilterObject<Row> = { readonly [K in keyof Row]?: Row[K] | readonly Row[K][] | null }

/** What may be asked for: a plain object, or what `filter` builds. */
export type Filter<Row> = FilterObject<Row> | FilterExpression

const EXPRESSION = Symbol.for('@durable-sync/filter')

/** Made by `filter`. */
export interface FilterExpression {
  readonly [EXPRESSION]: Predicate
}

const expression = (predicate: Predicate): FilterExpression => ({ [EXPRESSION]: predicate })

function literal(column: string, value: unknown): WireValue {
  const encoded = encodeValue(value)
  if (encoded instanceof ValueProblem) throw new TypeError(`the filter's "${column}" ${encoded.why}`)
  return encoded
}

const compare =
  (op: 'eq' | 'gt' | 'gte' | 'lt' | 'lte') =>
  (column: string, value: unknown): FilterExpression =>
    expression({ op, column, value: literal(column, value) })

const pattern =
  (op: 'like' | 'ilike') =>
  (column: string, text: string): FilterExpression =>
    expression({ op, column, value: literal(column, text) })

const several =
  (op: 'and' | 'or') =>
  (...of: readonly FilterExpression[]): FilterExpression =>
    expression({ op, of: of.map((each) => each[EXPRESSION]) })

/** Builds filters over rows of one type: only its columns, with values that they can have. */
export interface FilterBuilder<Row> {
  eq<K extends keyof Row & string>(column: K, value: Row[K]): FilterExpression
  gt<K extends keyof Row & string>(column: K, value: Row[K]): FilterExpression
  gte<K extends keyof Row & string>(column: K, value: Row[K]): FilterExpression
  lt<K extends keyof Row & string>(column: K, value: Row[K]): FilterExpression
  lte<K extends keyof Row & string>(column: K, value: Row[K]): FilterExpression
  like(column: keyof Row & string, text: string): FilterExpression
  ilike(column: keyof Row & string, text: string): FilterExpression
  in<K extends keyof Row & string>(column: K, values: readonly Row[K][]): FilterExpression
  isNull(column: keyof Row & string): FilterExpression
  and(...of: readonly FilterExpression[]): FilterExpression
  or(...of: readonly FilterExpression[]): FilterExpression
  not(of: FilterExpression): FilterExpression
}

/**
 * Builds filters that a plain object cannot say. Each throws TypeError for a value that SQLite has no place for. `filterOf<Row>()` is the same
 * for the columns of one type.
 */
export const filter = {
  eq: compare('eq'),
  gt: compare('gt'),
  gte: compare('gte'),
  lt: compare('lt'),
  lte: compare('lte'),
  like: pattern('like'),
  ilike: pattern('ilike'),
  in: (column: string, values: readonly unknown[]): FilterExpression =>
    expression({ op: 'in', column, values: values.map((value) => literal(column, value)) }),
  isNull: (column: string): FilterExpression => expression({ op: 'isNull', column }),
  and: several('and'),
  or: several('or'),
  not: (of: FilterExpression): FilterExpression => expression({ op: 'not', of: of[EXPRESSION] }),
} as const

/** `filter` for rows of one type. */
export const filterOf = <Row>(): FilterBuilder<Row> => filter

/**
 * @throws TypeError for a value that SQLite has no place for, and for undefined: a filter that lost a value must not let everything pass.
 */
export function predicateOf(given: Filter<never> | object): Predicate {
  if (EXPRESSION in given) return (given as FilterExpression)[EXPRESSION]
  const of = Object.entries(given).map(([column, value]): Predicate => {
    if (value === undefined) throw new TypeError(`the filter's "${column}" is undefined`)
    if (value === null) return { op: 'isNull', column }
    if (Array.isArray(value)) return { op: 'in', column, values: value.map((each) => literal(column, each)) }
    return { op: 'eq', column, value: literal(column, value) }
  })
  return { op: 'and', of }
}

/**
 * What `given` asks for now, whatever becomes of it: it may be the state of a component.
 * @throws TypeError as `predicateOf`
 */
export const settledFilter = (given: Filter<never> | object): FilterExpression =>
  expression(predicateOf(given))

import { expressed, type FilterExpression, literal, PREDICATE } from './filter-expression.ts'
import type { Predicate } from './predicate.ts'

/** Rows whose columns have these values: one of several where a list is given, no value where null is. */
export type FilterObject<Row> = { readonly [K in keyof Row]?: Row[K] | readonly Row[K][] | null }

/** What may be asked for: a plain object, or what `filter` builds. */
export type Filter<Row> = FilterObject<Row> | FilterExpression

/**
 * @throws TypeError for a value that SQLite has no place for, and for undefined: a filter that lost a value must not let everything pass.
 */
export function predicateOf(given: Filter<never> | object): Predicate {
  if (PREDICATE in given) return (given as FilterExpression)[PREDICATE]
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
  expressed(predicateOf(given))

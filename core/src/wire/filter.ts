import { expressed, type FilterExpression, literal, PREDICATE } from './filter-expression.ts'

const compare =
  (op: 'eq' | 'gt' | 'gte' | 'lt' | 'lte') =>
  (column: string, value: unknown): FilterExpression =>
    expressed({ op, column, value: literal(column, value) })

const pattern =
  (op: 'like' | 'ilike') =>
  (column: string, text: string): FilterExpression =>
    expressed({ op, column, value: literal(column, text) })

const several =
  (op: 'and' | 'or') =>
  (...of: readonly FilterExpression[]): FilterExpression =>
    expressed({ op, of: of.map((each) => each[PREDICATE]) })

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
    expressed({ op: 'in', column, values: values.map((value) => literal(column, value)) }),
  isNull: (column: string): FilterExpression => expressed({ op: 'isNull', column }),
  and: several('and'),
  or: several('or'),
  not: (of: FilterExpression): FilterExpression => expressed({ op: 'not', of: of[PREDICATE] }),
} as const

/** `filter` for rows of one type. */
export const filterOf = <Row>(): FilterBuilder<Row> => filter

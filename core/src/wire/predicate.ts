import { type WireValue, wireValue } from './cell.ts'
import { count, flag, lazy, list, nullable, oneOf, type Shape, struct, tagged, text } from './shape.ts'

/**
 * What a subscription may ask for: comparisons of plain columns with literals. Null makes a comparison unknown, never true, and `not`
 * keeps unknown unknown, as in SQL. `like` has `%` and `_` and is case-sensitive, `ilike` is not.
 */
export type Predicate =
  | {
      readonly op: 'eq' | 'gt' | 'gte' | 'lt' | 'lte' | 'like' | 'ilike'
      readonly column: string
      readonly value: WireValue
    }
  | { readonly op: 'in'; readonly column: string; readonly values: readonly WireValue[] }
  | { readonly op: 'isNull' | 'isUndefined'; readonly column: string }
  | { readonly op: 'and' | 'or'; readonly of: readonly Predicate[] }
  | { readonly op: 'not'; readonly of: Predicate }
  | { readonly op: 'always' | 'never' }

const column = text(256)
const nested = lazy<Predicate>('predicate', () => predicate)
const comparison = (op: string) => struct({ op: oneOf(op), column, value: wireValue })

export const predicate: Shape<Predicate> = tagged('op', {
  ...Object.fromEntries(['eq', 'gt', 'gte', 'lt', 'lte', 'like', 'ilike'].map((op) => [op, comparison(op)])),
  in: struct({ op: oneOf('in'), column, values: list(wireValue, 10_000) }),
  isNull: struct({ op: oneOf('isNull'), column }),
  isUndefined: struct({ op: oneOf('isUndefined'), column }),
  and: struct({ op: oneOf('and'), of: list(nested, 1000) }),
  or: struct({ op: oneOf('or'), of: list(nested, 1000) }),
  not: struct({ op: oneOf('not'), of: nested }),
  always: struct({ op: oneOf('always') }),
  never: struct({ op: oneOf('never') }),
})

/** One term of an order. Ties are broken by the key, by code unit, ascending. */
export const orderTerm = struct({
  column,
  descending: flag(),
  nulls: oneOf('first', 'last'),
})

/** A window: the first `limit` rows of an order. Its live predicate is `where AND (order, key) ≤ boundary`. */
export const windowSpec = struct({ order: list(orderTerm, 8), limit: count() })

/** The last row inside a window: its values of the order columns, then its key. Null while the window is not full. */
export const boundary = nullable(list(wireValue, 9))

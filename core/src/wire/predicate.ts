import { placeCellShape, type WireValue, wireValue } from './cell.ts'
import {
  count,
  flag,
  type Infer,
  lazy,
  list,
  nullable,
  oneOf,
  type Shape,
  struct,
  tagged,
  text,
} from './shape.ts'

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

/** One term of an order. Ties are broken by the key, by code point, ascending. */
const orderTerm = struct({
  column,
  descending: flag(),
  nulls: oneOf('first', 'last'),
  /** `locale`: text is wanted in the order of a language, which the server refuses where the column may hold text. */
  text: oneOf('binary', 'locale'),
})
export type OrderTerm = Infer<typeof orderTerm>

/** A window: the first rows of an order. Its live predicate is `where AND place ≤ boundary`. */
export const windowSpec = struct({
  order: list(orderTerm, 8),
  /** How many rows are wanted at first. `page` asks for more, `narrow` gives some back. */
  limit: count(),
})
export type WindowSpec = Infer<typeof windowSpec>

/** A row's place in the order: its cells of the order's columns, then its key. */
export const place = list(placeCellShape, 9)

/** The place of the last row inside a window. Null when the window holds every row of its filter. */
export const boundary = nullable(place)

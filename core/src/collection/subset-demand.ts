import { ALWAYS, bothOf, canonical } from '../wire/canonical-predicate.ts'
import type { OrderTerm, Predicate } from '../wire/index.ts'
import type { SubsetRequest } from './expression-like.ts'
import { orderFromExpression } from './order-from-expression.ts'
import { predicateFromExpression } from './predicate-from-expression.ts'

/** What one subscription of an on-demand collection holds: the rows of a canonical predicate, or the first ones in an order. */
export interface SubsetShape {
  readonly where: Predicate
  readonly order: readonly OrderTerm[] | undefined
}

/** What one request of a live query needs. */
export interface Demand extends SubsetShape {
  /** How many of the first rows. Without an order all of them are needed. */
  readonly total: number
  /** Who asks; a live query asks for its window and for the ties at its end as the same one. */
  readonly owner: object | undefined
}

/**
 * What a request asks for, within `base`.
 * @throws ProtocolError `predicate-unsupported`
 */
export function demandOf(
  { where, orderBy, limit, offset, subscription }: SubsetRequest,
  base: Predicate | undefined,
): Demand {
  const asked = where ? canonical(predicateFromExpression(where)) : ALWAYS
  return {
    where: base ? bothOf(base, asked) : asked,
    order: orderBy && limit !== undefined ? orderFromExpression(orderBy) : undefined,
    total: (offset ?? 0) + (limit ?? 0),
    owner: subscription,
  }
}

import type { SubscriptionSpec } from '../wire/index.ts'
import type { Demand } from './subset-demand.ts'

/** The subscription of a demand, where it has one of its own. */
export const specOf = (
  collection: string,
  { where, order, total }: Pick<Demand, 'where' | 'order' | 'total'>,
): SubscriptionSpec => ({
  collection,
  ...(where.op === 'always' ? {} : { where }),
  ...(order ? { window: { order, limit: total } } : {}),
})

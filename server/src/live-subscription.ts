import type { Cell, Place, Predicate, WindowSpec } from '@durable-sync/core/wire'
import type { CompiledFilter } from './compiled-filter.ts'
import type { RowOrder } from './row-order.ts'

/** What somebody may see of what they asked for. */
export interface Terms {
  readonly collection: string
  /** What was asked for and the collection's read filter for this user, both. */
  readonly filter: CompiledFilter
  /** Null: not a window. */
  readonly order: RowOrder | null
  /** The token under which rows shown on these terms are held. */
  readonly shape: string
  /** As it was asked for, canonical. */
  readonly where: Predicate | undefined
  readonly window: WindowSpec | undefined
  /** Characters of the two: what keeping it costs. */
  readonly size: number
}

/** A joined subscription of one socket. */
export interface LiveSubscription extends Terms {
  /** Of a window: the place of its last row. Null: it has every row of its filter. */
  readonly boundary: Place | null
}

/** What matching rows needs of a filter. */
export type RowFilter = Pick<CompiledFilter, 'id' | 'matches'>

/** The rows that a subscription shows at this moment: its filter, up to its boundary. The same for all subscriptions with the same `id`. */
export interface LivePredicate {
  readonly id: string
  readonly filter: RowFilter
  /** Whether a row that its filter matches is inside the boundary. */
  isInside(cells: readonly Cell[]): boolean
}

export function livePredicate({ filter, order, boundary }: LiveSubscription): LivePredicate {
  if (order === null || boundary === null) return { id: `${filter.id}`, filter, isInside: () => true }
  return {
    id: `${filter.id} ${JSON.stringify(boundary)} ${order.text}`,
    filter,
    isInside: (cells) => order.compare(order.placeOf(cells), boundary) <= 0,
  }
}

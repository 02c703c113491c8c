import { columnsOf } from '../wire/canonical-predicate.ts'
import { implies } from '../wire/implied-predicate.ts'
import type { Predicate } from '../wire/index.ts'
import type { Demand, SubsetShape } from './subset-demand.ts'

/** A subscription as the plan sees it. */
export interface PlannedSubset {
  readonly shape: SubsetShape
  readonly demands: Iterable<Demand>
}

/** Equal shapes have equal names. */
export const shapeName = ({ where, order }: SubsetShape): string => JSON.stringify([where, order ?? null])

export const conjunctsOf = (where: Predicate): readonly Predicate[] =>
  where.op === 'and' ? where.of : [where]

/**
 * TanStack asks for all rows that tie with the last one of a window, because to it they have no order among them. Here the key is part of
 * the order, so the window has already the right ones. What such a request adds to the window's filter speaks of its first column alone.
 */
function isTieOf({ where, order, owner }: Demand, { shape, demands }: PlannedSubset): boolean {
  const lead = shape.order?.[0]?.column
  if (order || owner === undefined || lead === undefined || !implies(where, shape.where)) return false
  const own = new Set(conjunctsOf(shape.where).map((each) => JSON.stringify(each)))
  const added = conjunctsOf(where).filter((each) => !own.has(JSON.stringify(each)))
  const about = new Set(added.flatMap((each) => [...columnsOf(each)]))
  if (about.size !== 1 || !about.has(lead)) return false
  for (const other of demands) if (other.owner === owner && other.order) return true
  return false
}

/**
 * Which of the open subscriptions serves the demand, by name: one of its very shape, one that holds every row that it needs, or the window
 * whose ties it asks for. When none does, the name of its own shape is returned, which is then to be opened.
 */
export function subsetFor(demand: Demand, open: ReadonlyMap<string, PlannedSubset>): string {
  const own = shapeName(demand)
  if (open.has(own)) return own
  for (const [name, { shape }] of open) if (!shape.order && implies(demand.where, shape.where)) return name
  for (const [name, subset] of open) if (isTieOf(demand, subset)) return name
  return own
}

/** How many rows of the shape are wanted; 0 when nobody says so. */
export const wantedOf = (demands: Iterable<Demand>): number =>
  Math.max(0, ...[...demands].map(({ order, total }) => (order ? total : 0)))

import { describe, expect, it } from 'vitest'
import { ALWAYS, canonical, type OrderTerm, type Predicate } from '../wire/index.ts'
import type { Demand } from './subset-demand.ts'
import { type PlannedSubset, shapeName, subsetFor, wantedOf } from './subset-plan.ts'

const is = (column: string, value: string | number): Predicate => ({ op: 'eq', column, value })
const all = (...of: readonly Predicate[]): Predicate => canonical({ op: 'and', of })
const BY_VOTES: readonly OrderTerm[] = [{ column: 'votes', descending: true, nulls: 'first', text: 'locale' }]
const me = {}

const demand = (where: Predicate, extra: Partial<Demand> = {}): Demand => ({
  where,
  order: undefined,
  total: 0,
  owner: me,
  ...extra,
})
const window = (where: Predicate, total: number, owner: object = me) =>
  demand(where, { order: BY_VOTES, total, owner })

/** Subscriptions that were opened for these. */
function opened(...demands: readonly Demand[]): ReadonlyMap<string, PlannedSubset> {
  return new Map(demands.map((each) => [shapeName(each), { shape: each, demands: [each] }]))
}

describe('a demand is served', () => {
  it('by the subscription of its own shape, however the filter was put together', () => {
    const open = opened(demand(all(is('a', 1), is('b', 2))))
    expect(subsetFor(demand(all(is('b', 2), is('a', 1), is('a', 1))), open)).toBe([...open.keys()][0])
  })

  it('by one that holds all rows of a wider filter, also when it wants only the first ones', () => {
    const open = opened(demand(is('a', 1)))
    const [wide] = open.keys()
    expect(subsetFor(demand(all(is('a', 1), is('b', 2))), open)).toBe(wide)
    expect(subsetFor(window(all(is('a', 1), is('b', 2)), 10), open)).toBe(wide)
    expect(subsetFor(demand(is('b', 2)), open)).not.toBe(wide)
    expect(subsetFor(demand(ALWAYS), open)).not.toBe(wide)
  })

  it('by no window of another order or filter, and for all rows by none', () => {
    const open = opened(window(is('a', 1), 10))
    const [held] = open.keys()
    const ascending = BY_VOTES.map((term) => ({ ...term, descending: false }))
    expect(subsetFor(demand(is('a', 1), { order: ascending, total: 10 }), open)).not.toBe(held)
    expect(subsetFor(window(all(is('a', 1), is('b', 2)), 10), open)).not.toBe(held)
    expect(subsetFor(demand(is('a', 1)), open)).not.toBe(held)
    expect(subsetFor(window(is('a', 1), 500), open)).toBe(held)
  })

  it('by the window whose ties it asks for, of the same owner and about its first column only', () => {
    const open = opened(window(is('a', 1), 10))
    const [held] = open.keys()
    const tie = all(is('a', 1), is('votes', 7))
    const dates = all(
      is('a', 1),
      { op: 'gte', column: 'votes', value: { date: 5 } },
      { op: 'lt', column: 'votes', value: { date: 6 } },
    )
    expect(subsetFor(demand(tie), open)).toBe(held)
    expect(subsetFor(demand(dates), open)).toBe(held)
    expect(subsetFor(demand(tie, { owner: {} }), open)).not.toBe(held)
    expect(subsetFor(demand(tie, { owner: undefined }), open)).not.toBe(held)
    expect(subsetFor(demand(all(tie, is('b', 2))), open)).not.toBe(held)
    expect(subsetFor(demand(all(is('a', 1), is('b', 2))), open)).not.toBe(held)
  })
})

it('a window is as long as the longest demand for it; its ties do not count', () => {
  expect(wantedOf([window(ALWAYS, 10), window(ALWAYS, 30), demand(is('votes', 1), { total: 99 })])).toBe(30)
  expect(wantedOf([demand(ALWAYS)])).toBe(0)
})

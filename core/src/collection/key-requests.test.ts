import { describe, expect, it } from 'vitest'
import { ALWAYS, bothOf, canonical, implies, type Predicate, type WireValue } from '../wire/index.ts'
import { gatheringOf } from './key-requests.ts'
import type { Demand } from './subset-demand.ts'
import { type PlannedSubset, shapeName, subsetFor } from './subset-plan.ts'

const me = {}
const is = (column: string, value: WireValue): Predicate => ({ op: 'eq', column, value })
const within = (column: string, values: readonly WireValue[]): Predicate =>
  canonical({ op: 'in', column, values })
const demand = (where: Predicate, owner: object | undefined = me): Demand => ({
  where,
  order: undefined,
  total: 0,
  owner,
})

/** Subscriptions as the plan has them, each demand in one of them. */
class Plan {
  readonly open = new Map<string, { shape: Demand; demands: Demand[] }>()
  readonly base: Predicate | undefined
  /** How many values were asked for in all. */
  asked = 0

  constructor(base?: Predicate) {
    this.base = base
  }

  add(given: Demand): void {
    const found = this.open.get(subsetFor(given, this.open))
    if (found) {
      found.demands.push(given)
      return
    }
    const gathering = gatheringOf(given, this.open, this.base)
    const demands = [given]
    for (const name of gathering?.from ?? []) {
      const left = this.open.get(name)
      const moving = left?.demands.filter(({ owner }) => owner === given.owner) ?? []
      demands.push(...moving)
      if (left) left.demands = left.demands.filter((each) => !moving.includes(each))
      if (left?.demands.length === 0) this.open.delete(name)
    }
    const shape = demand(gathering?.where ?? given.where)
    this.asked += demands.length
    this.open.set(shapeName(shape), { shape, demands })
    for (const each of demands) expect(implies(each.where, shape.where)).toBe(true)
  }

  get wheres(): readonly Predicate[] {
    return [...this.open.values()].map(({ shape }) => shape.where)
  }
}

const ids = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => `id-${from + i}`)

describe('requests for keys', () => {
  it('have subscriptions of their own as long as they are few, and share one from the ninth on', () => {
    const plan = new Plan()
    for (const id of ids(0, 8)) plan.add(demand(is('id', id)))
    expect(plan.open.size).toBe(8)
    plan.add(demand(is('id', 'id-8')))
    expect(plan.wheres).toEqual([within('id', ids(0, 9))])
    plan.add(demand(within('id', ['id-3', 'id-5'])))
    expect(plan.open.size).toBe(1)
  })

  it('have a few more subscriptions when they are many, and ask for each value a few times', () => {
    const plan = new Plan()
    let most = 0
    for (const id of ids(0, 800)) {
      plan.add(demand(is('id', id)))
      most = Math.max(most, plan.open.size)
    }
    expect(most).toBeLessThanOrEqual(8 + Math.log2(800 / 8) + 1)
    expect(plan.asked).toBeLessThan(800 * (Math.log2(800) + 1))
  })

  it('of a list that grows leave the shorter ones behind', () => {
    const plan = new Plan()
    for (let n = 1; n <= 100; n++) plan.add(demand(within('id', ids(0, n))))
    expect(plan.open.size).toBeLessThanOrEqual(8 + 1)
  })

  it('stay within the filter of the collection, which is no part of them', () => {
    const base = bothOf(is('done', true), is('lane', 3))
    const plan = new Plan(base)
    for (const id of ids(0, 9)) plan.add(demand(bothOf(base, is('id', id))))
    expect(plan.wheres).toEqual([bothOf(base, within('id', ids(0, 9)))])
  })

  it('are everything once the list is too long for a filter, in bytes', () => {
    for (const base of [undefined, is('done', true)]) {
      const all = base ?? ALWAYS
      const plan = new Plan(base)
      plan.add(demand(bothOf(all, within('id', ids(0, 9)))))
      const long = Array.from({ length: 25 }, (_, i) => `${i}${'€'.repeat(330)}`)
      plan.add(demand(bothOf(all, within('id', long))))
      expect(plan.wheres).toEqual([all])
    }
  })

  it.each<[string, (i: number) => Demand]>([
    ['of different owners', (i) => demand(is('id', `id-${i}`), {})],
    ['of nobody', (i) => ({ ...demand(is('id', `id-${i}`)), owner: undefined })],
    ['for different columns', (i) => demand(is(`column-${i}`, 1))],
    ['that say more', (i) => demand(bothOf(is('id', `id-${i}`), is('done', true)))],
    ['of another kind', (i) => demand({ op: 'gt', column: 'id', value: i })],
  ])('%s are not gathered', (_, nth) => {
    const plan = new Plan()
    for (let i = 0; i < 20; i++) plan.add(nth(i))
    expect(plan.open.size).toBe(20)
  })

  it('count as those of their owner only where they are', () => {
    const open = new Map<string, PlannedSubset>()
    for (const id of ids(0, 9)) {
      const shape = demand(is('id', id))
      open.set(shapeName(shape), { shape, demands: [demand(is('id', id), {})] })
    }
    expect(gatheringOf(demand(is('id', 'mine')), open, undefined)).toBeUndefined()
  })
})

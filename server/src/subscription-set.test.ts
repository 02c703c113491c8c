import type { Place, Predicate } from '@durable-sync/core/wire'
import { expect, test } from 'vitest'
import { CompiledFilter } from './compiled-filter.ts'
import type { LiveSubscription } from './live-subscription.ts'
import { RowOrder } from './row-order.ts'
import { belongsTo, SubscriptionSet } from './subscription-set.ts'
import type { TableSchema } from './table-schema.ts'

const schema: TableSchema = {
  name: 'tasks',
  key: 'id',
  columns: ['id', 'n'].map((name) => ({ name, affinity: 'numeric', kind: undefined, generated: false })),
  kinds: {},
  hash: '',
}
const order = new RowOrder([{ column: 'n', descending: false, nulls: 'first', text: 'binary' }], schema)

/** Nothing is read here. */
const sql = {} as ConstructorParameters<typeof CompiledFilter>[1]
const filterOf = (id: number, predicate: Predicate | null) =>
  new CompiledFilter(id, sql, schema, predicate && { predicate, sql: '', params: [], exact: false })
const everything = filterOf(1, null)
const five = filterOf(2, { op: 'eq', column: 'n', value: 5 })
const six = filterOf(3, { op: 'eq', column: 'n', value: 6 })

const showing = (
  filter: CompiledFilter,
  boundary: Place | null = null,
  collection = 'tasks',
): LiveSubscription => ({
  collection,
  filter,
  order: boundary ? order : null,
  boundary,
  shape: '',
  where: undefined,
  window: undefined,
  size: 0,
})

function setOf(...subscriptions: LiveSubscription[]): SubscriptionSet {
  const set = new SubscriptionSet()
  for (const [i, subscription] of subscriptions.entries()) set.set(i, subscription)
  return set
}

test('sockets that show the same rows have the same key, in whatever order and however often they ask', () => {
  const [one] = setOf(showing(five), showing(six)).sets
  const [other] = setOf(showing(six), showing(five), showing(six)).sets
  expect(other?.key).toBe(one?.key)
  expect(setOf(showing(five)).sets[0]?.key).not.toBe(one?.key)
  expect(setOf(showing(five, [5, 'a'])).sets[0]?.key).not.toBe(setOf(showing(five)).sets[0]?.key)
})

test('who shows the whole table shows every row, whatever else they show', () => {
  expect(setOf(showing(five), showing(everything)).sets).toEqual([
    { table: 'tasks', key: '', predicates: [] },
  ])
  expect(setOf(showing(everything, [5, 'a'])).sets[0]?.predicates).toHaveLength(1)
})

test('a row belongs to a set if one of its predicates has it, inside its boundary', () => {
  const [set] = setOf(showing(six), showing(everything, [5, 'm'])).sets
  if (!set) throw new Error('a set was expected')
  expect(
    [
      ['z', 6],
      ['a', 5],
      ['m', 5],
      ['z', 4],
    ].every((row) => belongsTo(set, row)),
  ).toBe(true)
  expect(
    [
      ['n', 5],
      ['a', 7],
    ].some((row) => belongsTo(set, row)),
  ).toBe(false)
})

test('sets are by table, in the order of their names, and follow what is set and deleted', () => {
  const set = setOf(showing(five, null, 'b'), showing(five, null, 'a'))
  expect(set.sets.map(({ table }) => table)).toEqual(['a', 'b'])
  expect(set.sets).toBe(set.sets)
  set.delete(1)
  expect(set.sets.map(({ table }) => table)).toEqual(['b'])
  set.set(0, showing(five, null, 'c'))
  expect(set.sets.map(({ table }) => table)).toEqual(['c'])
  set.clear()
  expect(set.sets).toEqual([])
})

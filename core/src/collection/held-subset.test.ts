import { beforeAll, expect, it } from 'vitest'
import type { Predicate } from '../wire/index.ts'
import { FILTERS } from './filter-part.ts'
import { HeldSubset } from './held-subset.ts'

beforeAll(() => FILTERS.load())

it('a filter is compiled once for frames that name the same columns, and again for others', () => {
  let compiled = 0
  const where: Predicate = {
    get op() {
      compiled++
      return 'eq' as const
    },
    column: 'lane',
    value: 'red',
  }
  const subset = new HeldSubset(where)
  const kinds = {}
  subset.put('a', ['id', 'lane'], ['a', 'red'], kinds)
  const once = compiled
  for (const key of ['b', 'c']) subset.put(key, ['id', 'lane'], [key, 'red'], kinds)
  expect(compiled).toBe(once)
  subset.put('d', ['lane', 'id'], ['red', 'd'], kinds)
  expect(compiled).toBeGreaterThan(once)
  expect([...subset.keys()]).toEqual(['a', 'b', 'c', 'd'])
})

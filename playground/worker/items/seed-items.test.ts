import { expect, test } from 'vitest'
import { seedCategories, seedItems } from './seed-items.ts'

const items = seedItems()

test('a shop has twelve categories of four hundred items', () => {
  const categories = seedCategories()
  expect(categories).toHaveLength(12)
  for (const { id } of categories)
    expect(items.filter(({ category }) => category === id).length, id).toBe(400)
  expect(items).toHaveLength(12 * 400)
})

test('no two items have the same id, or the same name in one category', () => {
  expect(new Set(items.map(({ id }) => id)).size).toBe(items.length)
  expect(new Set(items.map(({ category, name }) => `${category} ${name}`)).size).toBe(items.length)
})

test('every shop is born with the same items', () => {
  expect(seedItems()).toEqual(items)
})

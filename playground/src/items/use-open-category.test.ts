import { expect, test } from 'vitest'
import { withCategory } from './use-open-category.ts'

test('the category is a part of the address, and the rest of it stays', () => {
  const shop = 'http://localhost/items?room=corner&seat=2'
  const open = withCategory(shop, 'tea')
  expect(open).toBe(`${shop}&category=tea`)
  expect(withCategory(open, 'bread')).toBe(`${shop}&category=bread`)
  expect(withCategory(open, undefined)).toBe(shop)
})

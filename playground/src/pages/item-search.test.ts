import { expect, test } from 'vitest'
import { endWords, foundWords, ITEMS_SHOWN, searchPattern } from './item-search.ts'

const found = { search: '', found: 400, whole: 400, isReady: true }

test('what is typed is looked for anywhere in a name, whatever is around it', () => {
  expect(searchPattern(' rye ')).toBe('%rye%')
  expect(searchPattern('')).toBe('%%')
})

test('without a search the category says how much it has, with one how much of that is like it', () => {
  expect(foundWords(found)).toBe('400 items')
  expect(foundWords({ ...found, search: '  ' })).toBe('400 items')
  expect(foundWords({ ...found, search: 'rye', found: 50 })).toBe('50 of 400')
})

test('nothing is said to be missing before it has come', () => {
  const loading = { ...found, found: 0, whole: 0, isReady: false }
  expect(foundWords(loading)).toBe('Loading…')
  expect(endWords(loading)).toBe('')
})

test('the end says what is not drawn, or that there is nothing', () => {
  expect(endWords(found)).toBe(`And ${400 - ITEMS_SHOWN} more: search for them.`)
  expect(endWords({ ...found, found: ITEMS_SHOWN })).toBe('')
  expect(endWords({ ...found, found: 0 })).toBe('Nothing here is like that.')
})

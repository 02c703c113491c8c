import { expect, test } from 'vitest'
import type { Cell } from './cell.ts'
import { compareCells, compareText, placeComparator } from './cell-order.ts'
import type { OrderTerm } from './predicate.ts'

/** Ascending, as SQLite sorts them. */
const SORTED: readonly Cell[] = [
  null,
  Number.NEGATIVE_INFINITY,
  { int: '-9223372036854775808' },
  { int: '-9007199254740993' },
  -9007199254740992,
  -1.5,
  0,
  1,
  9007199254740992,
  { int: '9007199254740993' },
  9007199254740994,
  { int: '9223372036854775807' },
  1e300,
  Number.POSITIVE_INFINITY,
  '',
  '10',
  '9',
  'A',
  'a',
  'a\0',
  'a\0b',
  'ab',
  '\ud7ff',
  '\ue000',
  '\uffff',
  '\u{10000}',
  '\u{1f600}',
  '\u{10ffff}',
  { hex: '' },
  { hex: '00' },
  { hex: '0001' },
  { hex: 'ff' },
]

test('cells are in the order of SQLite: null, numbers, text by code point, bytes', () => {
  for (const [i, a] of SORTED.entries())
    for (const [k, b] of SORTED.entries())
      expect(Math.sign(compareCells(a, b)), JSON.stringify([a, b])).toBe(Math.sign(i - k))
})

test('equal values are equal however they are written', () => {
  expect(compareCells(0, -0)).toBe(0)
  expect(compareCells(9007199254740992, { int: '9007199254740992' })).toBe(0)
  expect(compareCells({ hex: 'aB' }, { hex: 'Ab' })).toBe(0)
})

test('text is not in the order of JavaScript, which has characters above U+FFFF before U+E000', () => {
  expect('\u{10000}' < '\uffff').toBe(true)
  expect(compareText('\u{10000}', '\uffff')).toBeGreaterThan(0)
  expect(compareText('a\u{10000}', 'a\u{10001}')).toBeLessThan(0)
})

const by = (descending: boolean, nulls: 'first' | 'last'): OrderTerm => ({
  column: 'c',
  descending,
  nulls,
  text: 'binary',
})

test.each([
  [false, 'first', [null, 1, 2]],
  [false, 'last', [1, 2, null]],
  [true, 'first', [null, 2, 1]],
  [true, 'last', [2, 1, null]],
] as const)('descending %s, nulls %s: places are %j', (descending, nulls, expected) => {
  const places = [2, null, 1].map((cell) => [cell, 'k'])
  expect(places.sort(placeComparator([by(descending, nulls)])).map(([cell]) => cell)).toEqual(expected)
})

test('the key breaks ties, ascending and by code point, whatever the direction of the terms', () => {
  for (const descending of [false, true]) {
    const places = ['\u{1f600}', 'b', '\uffff', 'a'].map((key) => [7, null, key])
    const compare = placeComparator([by(descending, 'first'), by(descending, 'last')])
    expect(places.sort(compare).map((place) => place[2])).toEqual(['a', 'b', '\uffff', '\u{1f600}'])
  }
})

test('a later term decides only where the earlier ones are equal', () => {
  const compare = placeComparator([by(false, 'first'), by(true, 'first')])
  expect(compare([1, 1, 'a'], [2, 9, 'a'])).toBeLessThan(0)
  expect(compare([1, 1, 'a'], [1, 9, 'a'])).toBeGreaterThan(0)
  expect(compare([1, 1, 'a'], [1, 1, 'a'])).toBe(0)
})

test('without any term the key alone is the place', () => {
  expect(placeComparator([])(['a'], ['b'])).toBeLessThan(0)
})

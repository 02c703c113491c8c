import { expect, test } from 'vitest'
import { matchesPattern } from './match-pattern.ts'

test.each([
  ['abc', 'abc', true],
  ['abc', 'ab', false],
  ['abc', 'abcd', false],
  ['', '', true],
  ['', '%', true],
  ['', '_', false],
  ['abc', '%', true],
  ['abc', '%%', true],
  ['abc', 'a%', true],
  ['abc', '%c', true],
  ['abc', '%b%', true],
  ['abc', 'a%c', true],
  ['ac', 'a%c', true],
  ['abc', 'a%d', false],
  ['abc', '___', true],
  ['abc', '__', false],
  ['abc', '_%_', true],
  ['a', '_%_', false],
  ['aab', '%ab', true],
  ['abab', '%ab', true],
  ['abcabd', 'a%bd', true],
])('%j matches %j: %j', (text, pattern, is) => {
  expect(matchesPattern(text, pattern)).toBe(is)
})

test('nothing escapes a wildcard, and nothing else is one', () => {
  expect(matchesPattern('a%', 'a\\%')).toBe(false)
  expect(matchesPattern('a\\b', 'a\\%')).toBe(true)
  expect(matchesPattern('a.b', 'a.b')).toBe(true)
  expect(matchesPattern('axb', 'a.b')).toBe(false)
  expect(matchesPattern('a*', 'a*')).toBe(true)
  expect(matchesPattern('line\nbreak', 'line%')).toBe(true)
})

test('an underscore is one UTF-16 unit, as in TanStack DB', () => {
  expect(matchesPattern('\u{1f600}', '_')).toBe(false)
  expect(matchesPattern('\u{1f600}', '__')).toBe(true)
})

test('upper and lower case differ', () => {
  expect(matchesPattern('A', 'a')).toBe(false)
})

test('no pattern takes exponential time', () => {
  expect(matchesPattern('a'.repeat(2000), `${'%a'.repeat(100)}%b`)).toBe(false)
})

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

/** The definition itself, which takes exponential time. */
function slowly(text: string, pattern: string): boolean {
  if (pattern === '') return text === ''
  if (pattern[0] === '%')
    return slowly(text, pattern.slice(1)) || (text !== '' && slowly(text.slice(1), pattern))
  return (
    text !== '' && (pattern[0] === '_' || pattern[0] === text[0]) && slowly(text.slice(1), pattern.slice(1))
  )
}

test('every pattern of few letters and wildcards matches what its definition says', () => {
  let seed = 7
  const dice = (n: number) => {
    seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff
    return (seed >> 8) % n
  }
  const some = (letters: string, most: number) =>
    Array.from({ length: dice(most + 1) }, () => letters[dice(letters.length)]).join('')
  for (let i = 0; i < 20_000; i++) {
    const [text, pattern] = [some('aab', 9), some('aab%_', 7)]
    expect(matchesPattern(text, pattern), `${text} like ${pattern}`).toBe(slowly(text, pattern))
  }
})

test('a piece of more than 32 units is matched to its last unit', () => {
  const piece = `${'ab_'.repeat(30)}z`
  const fits = `${'abx'.repeat(30)}z`
  expect(matchesPattern(`..${fits}..`, `%${piece}%`)).toBe(true)
  expect(matchesPattern(`..${fits.slice(0, -1)}y..`, `%${piece}%`)).toBe(false)
  expect(matchesPattern(`..${fits.replace('b', 'c')}..`, `%${piece}%`)).toBe(false)
})

test('no pattern takes quadratic time: these would take minutes', () => {
  const text = 'a'.repeat(1_000_000)
  expect(matchesPattern(text, `%${'a'.repeat(20_000)}b%`)).toBe(false)
  expect(matchesPattern(text, `%${'a'.repeat(10_000)}%${'a'.repeat(10_000)}b%`)).toBe(false)
  expect(matchesPattern(text, `%${'a_'.repeat(500)}b%`)).toBe(false)
})

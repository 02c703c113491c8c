import { expect, test } from 'vitest'
import { ageWords } from './age-words.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

test('an age is a number of the largest unit that fits', () => {
  const words: [number, string][] = [
    [-5, '0 s'],
    [0, '0 s'],
    [59_999, '59 s'],
    [MINUTE, '1 min'],
    [HOUR - 1, '59 min'],
    [23 * HOUR, '23 h'],
    [DAY, '1 day'],
    [40 * DAY, '40 days'],
  ]
  for (const [ms, text] of words) expect(ageWords(ms), String(ms)).toBe(text)
})

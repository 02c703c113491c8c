import { expect, test } from 'vitest'
import { sleepWords } from './sleep-words.ts'

test('the seconds until the object sleeps are counted from its last frame', () => {
  expect(sleepWords(1_000, 1_000)).toContain('in 10 s')
  expect(sleepWords(1_000, 10_500)).toContain('in 1 s')
  expect(sleepWords(1_000, 11_000)).toContain('The object sleeps, unless')
})

test('before the first frame nothing is claimed', () => {
  expect(sleepWords(0, 5_000)).not.toContain('sleeps')
})

import { expect, test } from 'vitest'
import { digestKey } from './key-digest.ts'

test('a digest is a whole number that JSON keeps', () => {
  for (let i = 0; i < 1000; i++) {
    const digest = digestKey('.salt', `key ${i}`)
    expect(Number.isSafeInteger(digest) && digest >= 0).toBe(true)
  }
})

test('both ends make the same number, in every version', () => {
  expect([digestKey('.n.o', 'k1'), digestKey('.n.o', ''), digestKey('', 'é\u{1f600}')]).toEqual([
    6831222897438600, 3254527997193234, 8177597646983641,
  ])
})

test('another salt makes other digests of the same keys', () => {
  const keys = Array.from({ length: 1000 }, (_, i) => `key ${i}`)
  const some = new Set(keys.map((key) => digestKey('.a', key)))
  expect(keys.some((key) => some.has(digestKey('.b', key)))).toBe(false)
})

test('what is salt and what is key is not confused', () => {
  expect(digestKey('.a', 'bc')).not.toBe(digestKey('.ab', 'c'))
})

test('a hundred thousand keys have as many digests, over the whole range', () => {
  const digests = Array.from({ length: 100_000 }, (_, i) => digestKey('.salt', String(i)))
  expect(new Set(digests).size).toBe(digests.length)
  const high = digests.filter((digest) => digest > Number.MAX_SAFE_INTEGER / 2).length
  expect(Math.abs(high - digests.length / 2)).toBeLessThan(1000)
})

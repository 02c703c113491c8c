import { expect, test } from 'vitest'
import { billedRequests, dollars, dollarsAMonth, gigabyteSeconds, type Used, usedSince } from './cost.ts'

const NOTHING: Used = { rowsRead: 0, rowsWritten: 0, messagesIn: 0, requests: 0, wakes: 0, inMemoryMs: 0 }

test('twenty messages are billed as one request', () => {
  expect(billedRequests({ ...NOTHING, messagesIn: 40, requests: 3 })).toBe(5)
})

test('an object in memory for a second is 0.128 GB-s', () => {
  expect(gigabyteSeconds({ ...NOTHING, inMemoryMs: 1_000 })).toBeCloseTo(0.128)
})

test('a million of each has its price', () => {
  expect(dollars({ ...NOTHING, requests: 1e6 })).toBeCloseTo(0.15)
  expect(dollars({ ...NOTHING, rowsRead: 1e6 })).toBeCloseTo(0.001)
  expect(dollars({ ...NOTHING, rowsWritten: 1e6 })).toBeCloseTo(1)
  expect(dollars({ ...NOTHING, inMemoryMs: 1e9 / 0.128 })).toBeCloseTo(12.5)
})

test('an object that is awake all month costs what its memory costs', () => {
  // 2,592,000 s of 0.128 GB.
  expect(dollarsAMonth({ ...NOTHING, inMemoryMs: 60_000 })).toBeCloseTo(4.1472)
  expect(dollarsAMonth(NOTHING)).toBe(0)
})

test('what was used is the difference of two readings', () => {
  const at = (n: number) => ({ ...NOTHING, rowsRead: n, wakes: n, messagesIn: 2 * n, now: n })
  expect(usedSince(at(5), at(8))).toEqual({ ...NOTHING, rowsRead: 3, wakes: 3, messagesIn: 6 })
})

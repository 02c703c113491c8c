import { expect, test } from 'vitest'
import { backoffMs } from './backoff.ts'
import { DEFAULT_TIMINGS } from './session-timings.ts'

const input = { failures: 1, windowMs: 2000, occasion: 'loss', floorMs: 0, random: 1 } as const
const wait = (change: Partial<Parameters<typeof backoffMs>[0]>) =>
  backoffMs({ ...input, ...change }, DEFAULT_TIMINGS)

test('the first retry is spread over the window of the server', () => {
  expect([0, 0.25, 1].map((random) => wait({ random, windowMs: 8000 }))).toEqual([0, 2000, 8000])
})

test('later retries are spread wider, up to the cap, and never narrower than the window', () => {
  expect([2, 3, 4, 5, 6, 60].map((failures) => wait({ failures }))).toEqual([
    2000, 4000, 8000, 16_000, 30_000, 30_000,
  ])
  expect(wait({ failures: 2, windowMs: 9000 })).toBe(9000)
})

test('only the first retry of a page that just woke up is quick', () => {
  expect(wait({ occasion: 'woke' })).toBe(250)
  expect(wait({ occasion: 'woke', failures: 2 })).toBe(2000)
})

test('what the server asks for is a floor, and the jitter comes on top', () => {
  expect([0, 1].map((random) => wait({ random, floorMs: 5000 }))).toEqual([5000, 7000])
})

test('three hundred clients that lose one object come back spread over the window', () => {
  const buckets = new Array<number>(10).fill(0)
  for (let i = 0; i < 300; i++) {
    const bucket = Math.floor(wait({ random: Math.random() }) / 200)
    buckets[bucket] = (buckets[bucket] ?? 0) + 1
  }
  expect(Math.max(...buckets)).toBeLessThan(70)
  expect(Math.min(...buckets)).toBeGreaterThan(5)
})

import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { MeterReading } from '../../worker/lab/meter-reading.ts'
import { since, watchMeter } from './meter-watch.ts'

const { hear } = vi.hoisted(() => ({ hear: new Set<(busy: { page: string; room: string }) => void>() }))
vi.mock('../lab/activity.ts', () => ({
  onActivity: (heard: (busy: { page: string; room: string }) => void) => {
    hear.add(heard)
    return () => void hear.delete(heard)
  },
}))
const frame = (room = 'lobby') => {
  for (const heard of [...hear]) heard({ page: 'chat', room })
}

const HERE = { page: 'chat', room: 'lobby' } as const
const reading = (rowsRead: number): MeterReading => ({
  rowsRead,
  rowsWritten: 0,
  messagesIn: 0,
  requests: 0,
  wakes: 1,
  inMemoryMs: 0,
  now: 0,
})
let asked: number
const ask = async () => reading(++asked)
let watch: ReturnType<typeof watchMeter>
beforeEach(async () => {
  vi.useFakeTimers()
  asked = 0
  watch = watchMeter(HERE, ask)
  await vi.advanceTimersByTimeAsync(0)
})
afterEach(() => {
  watch.stop()
  vi.useRealTimers()
})

test('it asks at first, and then only when frames pass, once for many', async () => {
  expect(asked).toBe(1)
  await vi.advanceTimersByTimeAsync(600_000)
  expect(asked).toBe(1)
  for (let i = 0; i < 10; i++) frame()
  await vi.advanceTimersByTimeAsync(600_000)
  expect(asked).toBe(2)
  expect(watch.get()).toMatchObject({
    first: { reading: { rowsRead: 1 } },
    last: { reading: { rowsRead: 2 } },
  })
})

test('a frame of another room does not make it ask', async () => {
  frame('attic')
  await vi.advanceTimersByTimeAsync(10_000)
  expect(asked).toBe(1)
})

test('a question that fails is asked again with the next frame', async () => {
  watch.stop()
  let fails = true
  watch = watchMeter(HERE, async () => {
    if (fails) throw new Error('no server')
    return reading(7)
  })
  await vi.advanceTimersByTimeAsync(0)
  expect(watch.get().last).toBeUndefined()
  fails = false
  frame()
  await vi.advanceTimersByTimeAsync(10_000)
  expect(watch.get().last?.reading.rowsRead).toBe(7)
})

test('nothing is asked, or heard, after it was stopped', async () => {
  frame()
  watch.stop()
  await vi.advanceTimersByTimeAsync(10_000)
  expect(asked).toBe(1)
  expect(hear.size).toBe(0)
})

test('of the readings, those since a moment are kept, and the one before it', () => {
  const reads = [10, 20, 30].map((at) => ({ at, reading: reading(at) }))
  const at = (moment: number) => since(reads, moment).map((read) => read.at)
  expect(at(5)).toEqual([10, 20, 30])
  expect(at(25)).toEqual([20, 30])
  expect(at(40)).toEqual([30])
  expect(since([], 5)).toEqual([])
})

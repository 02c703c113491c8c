import type { Sql } from '@durable-sync/server'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Firehose } from './firehose.ts'

const SECOND_MS = 1000

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A board that knows until when its firehose is open, and counts what happens to its tasks. */
function board() {
  const state = { until: 0, changes: 0, writes: 0 }
  const exec = (text: string) => {
    if (text.startsWith('UPDATE tasks')) state.changes++
    if (text.startsWith('UPDATE firehose SET until = 0')) state.until = 0
    return { one: () => ({ until: state.until }), toArray: () => [] }
  }
  const firehose = new Firehose((write) => {
    state.writes++
    return write({ exec } as unknown as Sql)
  })
  return { state, firehose }
}

test('it changes a hundred tasks a second, and stops by itself with no timer left', () => {
  const { state, firehose } = board()
  state.until = Date.now() + 3 * SECOND_MS
  firehose.open()
  vi.advanceTimersByTime(10 * SECOND_MS)
  expect(state.changes).toBeGreaterThan(280)
  expect(state.changes).toBeLessThanOrEqual(310)
  expect(state.until).toBe(0)
  expect(vi.getTimerCount()).toBe(0)
})

test('it stops when somebody closes it', () => {
  const { state, firehose } = board()
  state.until = Date.now() + 60 * SECOND_MS
  firehose.open()
  vi.advanceTimersByTime(SECOND_MS)
  const { changes } = state
  state.until = 0
  vi.advanceTimersByTime(SECOND_MS)
  expect(state.changes).toBe(changes)
  expect(vi.getTimerCount()).toBe(0)
})

test('opened twice it is as fast as once', () => {
  const { state, firehose } = board()
  state.until = Date.now() + 60 * SECOND_MS
  firehose.open()
  firehose.open()
  vi.advanceTimersByTime(SECOND_MS)
  firehose.open()
  vi.advanceTimersByTime(SECOND_MS)
  expect(state.changes).toBeLessThanOrEqual(210)
})

test('an object that begins while it is closed looks once and sleeps', () => {
  const { state, firehose } = board()
  firehose.open()
  vi.advanceTimersByTime(SECOND_MS)
  expect(state.writes).toBe(1)
  expect(state.changes).toBe(0)
  expect(vi.getTimerCount()).toBe(0)
})

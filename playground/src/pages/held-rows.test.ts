import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { heldRows } from './held-rows.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const collection = (rows: number) => {
  const stats = { rows }
  return { stats, utils: { stats: () => stats } }
}

test('the number is that of now, also while nobody subscribes', () => {
  const tasks = collection(3)
  const held = heldRows(tasks)
  tasks.stats.rows = 5
  expect(held.get()).toBe(5)
})

test('who subscribes hears of another number, and not of the same one', () => {
  const tasks = collection(3)
  const changed = vi.fn<() => void>()
  heldRows(tasks).subscribe(changed)
  vi.advanceTimersByTime(10_000)
  expect(changed).not.toHaveBeenCalled()
  tasks.stats.rows = 4
  vi.advanceTimersByTime(10_000)
  expect(changed).toHaveBeenCalledTimes(1)
})

test('nothing looks when everybody has left', () => {
  const leave = heldRows(collection(3)).subscribe(() => {})
  leave()
  expect(vi.getTimerCount()).toBe(0)
})

test('a collection has one readable, so that hooks do not subscribe anew with every render', () => {
  const tasks = collection(3)
  expect(heldRows(tasks)).toBe(heldRows(tasks))
  expect(heldRows(tasks)).not.toBe(heldRows(collection(3)))
})

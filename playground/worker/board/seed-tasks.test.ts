import { expect, test } from 'vitest'
import { STATUSES } from './registry.ts'
import { seedTasks } from './seed-tasks.ts'

const NOW = 1_780_000_000_000
const tasks = seedTasks(5000, NOW)

test('every board is born with the same tasks', () => {
  expect(seedTasks(5000, NOW)).toEqual(tasks)
  expect(new Set(tasks.map(({ id }) => id)).size).toBe(5000)
})

test('there are tasks of every status, and votes are whole numbers of which some are the same', () => {
  for (const status of STATUSES)
    expect(tasks.filter((task) => task.status === status).length, status).toBeGreaterThan(500)
  expect(tasks.every(({ votes }) => Number.isInteger(votes) && votes >= 0)).toBe(true)
  expect(new Set(tasks.map(({ votes }) => votes)).size).toBeLessThan(1000)
})

test('nothing was changed in the future', () => {
  expect(tasks.every(({ updated_at }) => updated_at <= NOW)).toBe(true)
})

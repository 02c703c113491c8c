import { expect, test } from 'vitest'
import { seededRandom } from '../seeded-random.ts'
import { firehoseChanges } from './firehose-changes.ts'
import { taskId } from './seed-tasks.ts'

const TASKS = 5000
const leaders = Array.from({ length: 100 }, (_, i) => ({ id: taskId(i + 1), votes: 900 - i }))
const changes = firehoseChanges(leaders, TASKS, 10_000, seededRandom(1))
const among = (few: typeof changes) => few.filter(({ id }) => id <= taskId(100)).length

test('every change is to a task that is there', () => {
  const there = new Set(Array.from({ length: TASKS }, (_, i) => taskId(i + 1)))
  expect(changes).toHaveLength(10_000)
  expect(changes.every(({ id }) => there.has(id))).toBe(true)
})

test('a third of the changes is where somebody looks, the others are everywhere', () => {
  expect(among(changes.slice(0, 3000))).toBe(3000)
  expect(among(changes.slice(3000)) / 7000).toBeCloseTo(100 / TASKS, 2)
  expect(new Set(changes.slice(3000).map(({ id }) => id)).size).toBeGreaterThan(3500)
})

test('leaders pass one another and leave, and the numbers do not run away', () => {
  const reached = changes.slice(0, 3000).map(({ id, votes }) => {
    const leader = leaders.find((one) => one.id === id)
    return (leader?.votes ?? 0) + votes
  })
  expect(Math.max(...reached)).toBe(901)
  // The last leader has 801: below that, somebody else is one.
  expect(Math.min(...reached)).toBe(801 - 50)
})

test('a board without tasks has no leaders to choose from', () => {
  expect(firehoseChanges([], TASKS, 5, seededRandom(1))).toHaveLength(5)
})

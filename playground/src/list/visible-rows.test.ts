import { expect, test } from 'vitest'
import { visibleRows } from './visible-rows.ts'

const ROW = 50
const look = (top: number, height: number, count: number) => {
  const { first, end } = visibleRows({ top, height }, ROW, count)
  return [first, end]
}

test('at the top the rows in sight and a few below are drawn', () => {
  expect(look(0, 500, 1000)).toEqual([0, 16])
})

test('further down a few above and below are drawn, however long the list is', () => {
  expect(look(5000, 500, 1000)).toEqual([94, 116])
  expect(look(5010, 500, 100_000)).toEqual([94, 117])
})

test('nothing beyond either end is drawn', () => {
  expect(look(0, 500, 3)).toEqual([0, 3])
  expect(look(-80, 500, 3)).toEqual([0, 3])
  expect(look(0, 500, 0)).toEqual([0, 0])
})

test('a list that became shorter than it was scrolled shows its last rows', () => {
  expect(look(5000, 500, 30)).toEqual([8, 30])
  expect(look(5000, 500, 5)).toEqual([0, 5])
})

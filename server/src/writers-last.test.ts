import { expect, test } from 'vitest'
import { writersLast } from './writers-last.ts'

const socket = (name: string, hasReceipts: boolean) => ({ name, hasReceipts })

test('those who wait to see a write are told before those who wrote, each in the order in which they came', () => {
  const told = [
    ...writersLast([socket('a', true), socket('b', false), socket('c', true), socket('d', false)]),
  ]
  expect(told.map(({ name }) => name)).toEqual(['b', 'd', 'a', 'c'])
})

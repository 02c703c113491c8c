import { expect, test } from 'vitest'
import { groupMessages } from './message-groups.ts'

const NOON = new Date(2026, 4, 1, 12, 0, 30).getTime()
const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

const message = (id: string, author: string, created_at: number) => ({ id, author, content: id, created_at })
const shape = (messages: readonly ReturnType<typeof message>[]) =>
  groupMessages(messages).map(({ author, messages, newDay }) => [
    author,
    messages.map(({ id }) => id).join(''),
    newDay,
  ])

test('messages of one person in one minute stand under one heading', () => {
  expect(shape([message('a', 'ada', NOON), message('b', 'ada', NOON + 20_000)])).toEqual([
    ['ada', 'ab', true],
  ])
})

test('the minute is the clock’s, not sixty seconds', () => {
  expect(shape([message('a', 'ada', NOON), message('b', 'ada', NOON + 31_000)])).toEqual([
    ['ada', 'a', true],
    ['ada', 'b', false],
  ])
})

test('somebody else in between begins a new heading', () => {
  const conversation = [message('a', 'ada', NOON), message('b', 'bob', NOON), message('c', 'ada', NOON)]
  expect(shape(conversation)).toEqual([
    ['ada', 'a', true],
    ['bob', 'b', false],
    ['ada', 'c', false],
  ])
})

test('the first heading of each day says so', () => {
  expect(
    shape([message('a', 'ada', NOON), message('b', 'bob', NOON + DAY), message('c', 'ada', NOON + DAY)]),
  ).toEqual([
    ['ada', 'a', true],
    ['bob', 'b', true],
    ['ada', 'c', false],
  ])
})

test('an empty room has no headings', () => {
  expect(groupMessages([])).toEqual([])
})

test('a group is the same one when its first messages are no longer shown', () => {
  const said = [message('a', 'bob', NOON), ...['b', 'c', 'd'].map((id) => message(id, 'ada', NOON))]
  const last = (limit: number) =>
    groupMessages(said, limit).map(({ id, messages }) => [id, messages.map((one) => one.id).join('')])
  expect(last(4)).toEqual([
    ['a', 'a'],
    ['b', 'bcd'],
  ])
  expect(last(2)).toEqual([['b', 'cd']])
})

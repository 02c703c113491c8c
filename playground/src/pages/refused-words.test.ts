import type { FailedOp, FailedWrite } from '@durable-sync/core'
import { expect, test } from 'vitest'
import { refusedReason, refusedWords } from './refused-words.ts'

const failed = (op: Partial<FailedOp>, message = 'No.'): FailedWrite => ({
  id: '1',
  kind: 'mutation',
  ops: [{ collection: 'messages', type: 'update', key: 'k', values: {}, previous: null, ...op }],
  command: null,
  code: 'denied',
  message,
  details: undefined,
  queuedAt: 1,
  failedAt: 2,
})

test('a refused message is what it said', () => {
  expect(refusedWords(failed({ values: { id: 'k', content: 'Hello' } }))).toBe('“Hello”')
})

test('a refused name is that name', () => {
  expect(refusedWords(failed({ collection: 'people', values: { name: 'Ada' } }))).toBe('The name Ada')
})

test('a refused vote or status names the task, as far as it is known', () => {
  const previous = { title: 'Oil the loom', votes: 3 }
  expect(refusedWords(failed({ collection: 'tasks', values: { votes: 4 }, previous }))).toBe(
    '“Oil the loom” to 4 votes',
  )
  expect(refusedWords(failed({ collection: 'tasks', values: { status: 'done' } }))).toBe('Task k to done')
})

test('a refused move says where to', () => {
  expect(refusedWords(failed({ collection: 'items', values: { category: 'tea' } }))).toBe('Item k to tea')
})

test('the reason is the author’s, without the link for developers', () => {
  expect(refusedReason(failed({}, 'Too long. (https://example.org/errors#denied)'))).toBe('Too long.')
})

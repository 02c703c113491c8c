import type { PushItem } from '@durable-sync/core/wire'
import { expect, test } from 'vitest'
import { Backlog } from './backlog.ts'

const MB = 1024 * 1024
const skip = (n: number): PushItem => ({ cid: 'c', n, do: 'skip' })

test('pushes without a write leave nothing behind, however long their text is', () => {
  const backlog = new Backlog()
  for (let i = 0; i < 100; i++) expect(backlog.add('alice', [], MB)).toBe(true)
  const first = skip(1)
  expect(backlog.add('alice', [first], 23 * MB)).toBe(true)
  expect(backlog.add('alice', [skip(2)], 2 * MB)).toBe(false)
  backlog.done(first)
  expect(backlog.add('alice', [skip(3)], 23 * MB)).toBe(true)
})

test('who has nothing waiting may always begin, and everybody else waits while there is much of everybody', () => {
  const backlog = new Backlog()
  for (const principal of ['alice', 'bob']) expect(backlog.add(principal, [skip(1)], 24 * MB)).toBe(true)
  expect(backlog.add('carol', [skip(1)], MB)).toBe(true)
  expect(backlog.add('carol', [skip(2)], 1)).toBe(false)
  backlog.clear()
  expect(backlog.add('carol', [skip(2)], 1)).toBe(true)
})

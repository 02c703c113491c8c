import type { PendingWrite, PendingWrites } from '@durable-sync/core'
import { expect, test } from 'vitest'
import { pendingKeys } from './pending-keys.ts'

const write = (id: string, ...rows: [collection: string, key: string][]): PendingWrite => ({
  id,
  kind: 'mutation',
  ops: rows.map(([collection, key]) => ({ collection, key, type: 'update' })),
  command: null,
  queuedAt: 1,
  state: 'queued',
})
const pending = (...items: PendingWrite[]): PendingWrites => ({ count: items.length, oldestAt: 1, items })

test('a row that was written twice is pending once', () => {
  expect(pendingKeys(pending(write('1', ['tasks', 'a']), write('2', ['tasks', 'a'])), 'tasks')).toEqual(
    new Set(['a']),
  )
})

test('a write that touches several rows leaves each of them pending', () => {
  expect(pendingKeys(pending(write('1', ['items', 'a'], ['items', 'b'])), 'items')).toEqual(
    new Set(['a', 'b']),
  )
})

test('rows of other tables with the same key are not pending', () => {
  expect(pendingKeys(pending(write('1', ['people', 'a'])), 'messages').size).toBe(0)
})

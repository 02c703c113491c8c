import { expect, test } from 'vitest'
import { unkeptWrites } from './unkept-writes.ts'

const client = { endpoint: '/sync', room: 'lobby' }
const write = (id: string, is: 'queued' | 'stored' | 'unsent') =>
  ({ type: 'write', is, id, cid: null, n: null, what: null, at: 0, client }) as const

test('a write is not kept from when it is queued until it is stored, or has ended', () => {
  const unkept = unkeptWrites()
  unkept.observer(write('a', 'queued'))
  unkept.observer(write('b', 'queued'))
  expect(unkept.get()).toBe(2)
  unkept.observer(write('a', 'stored'))
  expect(unkept.get()).toBe(1)
  unkept.observer(write('b', 'unsent'))
  expect(unkept.get()).toBe(0)
})

import { describe, expect, it } from 'vitest'
import { memoryDevice } from '../persistence/memory-device.ts'
import type { NewWrite } from '../persistence/room-storage.ts'
import { draftOf, entryOf } from './stored-entry.ts'

const DAY = 86_400_000
const write: NewWrite = {
  id: 'a',
  cid: 'c',
  n: 1,
  sent: false,
  work: { do: 'call', name: 'clear', args: null },
  schemaVersion: 1,
  queuedAt: 5 * DAY,
}

describe('a write that another page may have sent', () => {
  it('was carried when it was marked, not when it was made', async () => {
    const room = memoryDevice().open('wss://x').room('room')
    await room.commit({ putWrites: [write] })
    await room.commit({ markWrites: [{ id: 'a', cid: 'c', n: 1, sent: true, sentAt: 99 * DAY }] })
    const [kept] = (await room.queue()).writes
    expect(kept && entryOf(kept, 'read').carriedAt).toBe(99 * DAY)
  })

  it('was carried when it was made, where it was marked at once', () => {
    expect(entryOf({ ...write, sent: true, room: 'room', ord: 1 }, 'read').carriedAt).toBe(5 * DAY)
  })
})

describe('a write as it is handed in', () => {
  const draft = { id: 'a', before: undefined, queuedAt: 0, replaces: null }

  it('is what it was when it was handed in, whatever becomes of that', () => {
    const args = { before: 1, tags: ['x'] }
    const row = { id: 'a', title: 'then' }
    const op = { collection: 'todos', type: 'update', key: 'a', cols: { title: 'now' } } as const
    const called = draftOf({ ...draft, work: { do: 'call', name: 'clear', args } })
    const changed = draftOf({ ...draft, work: { do: 'mutate', ops: [op] }, before: [row] })
    args.before = 2
    args.tags.push('y')
    row.title = 'later'
    expect(called.work).toEqual({ do: 'call', name: 'clear', args: { before: 1, tags: ['x'] } })
    expect(changed.before).toEqual([{ id: 'a', title: 'then' }])
  })

  it('can be copied to another page also where it is an object of a reactive store', () => {
    const { work } = draftOf({
      ...draft,
      work: { do: 'call', name: 'clear', args: new Proxy({ before: 1 }, {}) },
    })
    expect(structuredClone(work)).toEqual({ do: 'call', name: 'clear', args: { before: 1 } })
  })
})

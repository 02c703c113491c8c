import { describe, expect, it } from 'vitest'
import { memoryDevice } from '../persistence/memory-device.ts'
import type { NewWrite } from '../persistence/room-storage.ts'
import { entryOf } from './stored-entry.ts'

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

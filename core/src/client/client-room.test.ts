import { expect, test } from 'vitest'
import { memoryDevice } from '../persistence/memory-device.ts'
import type { NewWrite } from '../persistence/room-storage.ts'
import { StorageClosed } from '../persistence/storage-closed.ts'
import { ClientRoom } from './client-room.ts'
import type { MigrateMutation } from './migrate-mutation.ts'

const write = (id: string, schemaVersion = 1): NewWrite => ({
  id,
  cid: 'c',
  n: 1,
  sent: false,
  work: { do: 'call', name: 'old', args: null },
  schemaVersion,
  queuedAt: 0,
})

function roomOf(migrate?: MigrateMutation) {
  const device = memoryDevice().open('wss://x')
  const inner = device.room('room')
  const reported: unknown[] = []
  const options = { room: inner, schemaVersion: 2, migrate, now: () => 5, loaded: () => {}, unread: () => {} }
  const room = new ClientRoom({ ...options, report: (error) => reported.push(error) })
  return { device, inner, room, reported }
}

test('of a room that was forgotten nothing is told, not even by a load that was under way', async () => {
  const { room, inner, device } = roomOf()
  await inner.commit({ putWrites: [write('a')] })
  const reads = [room.load(), room.queue()]
  room.forget()
  reads.push(room.load(), room.queue())
  await device.purge()
  reads.push(room.load(), room.queue())
  for (const read of reads) await expect(read).rejects.toThrow(StorageClosed)
})

test('where the user has signed out, what was shown is not kept without an error, and a write is not kept with one', async () => {
  const { room, device } = roomOf()
  await device.purge()
  expect(await room.commit({ deleteWrites: ['a'], passes: [] })).toEqual({ ords: new Map(), adrift: [] })
  await expect(room.commit({ putWrites: [write('b')] })).rejects.toThrow('the storage is closed')
})

test('where a migrated write cannot be kept, it is sent all the same, and the next page migrates it again', async () => {
  const { room, inner, reported } = roomOf(() => ({ command: 'new', args: null }))
  await inner.commit({ putWrites: [write('a')] })
  inner.revise = () => Promise.reject(new Error('no room'))
  const { writes } = await room.queue()
  expect(writes).toMatchObject([{ id: 'a', work: { name: 'new' }, schemaVersion: 2 }])
  expect(reported).toEqual([new Error('no room')])
  expect((await inner.queue()).writes).toMatchObject([{ work: { name: 'old' } }])
})

test('a write that another tab has settled while it was migrated is gone', async () => {
  const { room, inner } = roomOf(() => null)
  await inner.commit({ putWrites: [write('a'), write('b')] })
  const { queue } = inner
  inner.queue = async () => {
    const seen = await queue.call(inner)
    await inner.commit({ deleteWrites: ['a'] })
    return seen
  }
  const { writes, failed } = await room.queue()
  expect(writes).toEqual([])
  expect(failed).toMatchObject([{ id: 'b', code: 'write-not-migrated', failedAt: 5 }])
})

test('a write of the same version is not asked about', async () => {
  const { room, inner } = roomOf(() => null)
  await inner.commit({ putWrites: [write('a', 2)] })
  expect((await room.load()).writes).toHaveLength(1)
})

test('what `migrateMutation` returns must be something that can be written', async () => {
  for (const nothing of [{ ops: [] }, { command: 'x', args: () => {} }]) {
    const { room, inner } = roomOf(() => nothing)
    await inner.commit({ putWrites: [write('a')] })
    expect((await room.load()).failed).toMatchObject([{ id: 'a', code: 'write-not-migrated' }])
  }
})

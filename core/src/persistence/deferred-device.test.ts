import { expect, test } from 'vitest'
import { ending } from '../client/testing/todo-room.ts'
import { createReadable } from '../status/readable.ts'
import { DeferredDevice } from './deferred-device.ts'
import { memoryDevice } from './memory-device.ts'
import type { DeviceStorage, NewWrite } from './room-storage.ts'
import type { StorageHealth } from './storage-health.ts'

const write = (id: string): NewWrite => ({
  id,
  cid: 'c',
  n: null,
  sent: false,
  work: { do: 'call', name: id, args: null },
  schemaVersion: 1,
  queuedAt: 1,
})

/** A device, its code, which arrives when the test says so, and whether somebody has asked for it. */
function deferred({ loadMs = 60_000 } = {}) {
  const health = createReadable<StorageHealth>({ is: 'idle' })
  const inner: DeviceStorage = Object.assign(memoryDevice('me').open(''), { health })
  let asked = 0
  let arrive = () => {}
  let fail = (_: unknown) => {}
  const code = new Promise<DeviceStorage>((resolve, reject) => {
    arrive = () => resolve(inner)
    fail = reject
  })
  const load = () => {
    asked++
    return code
  }
  const device = new DeferredDevice({ load, loadMs })
  return { device, inner, health, arrive, fail, asked: () => asked }
}

const idsOf = ({ writes }: { readonly writes: readonly { readonly id: string }[] }) =>
  writes.map(({ id }) => id)

test('the code of a storage is loaded when it is first used, and once', async () => {
  const { device, arrive, asked } = deferred()
  const room = device.room('room')
  expect(device.health.get()).toEqual({ is: 'idle' })
  await room.close()
  expect(asked()).toBe(0)
  arrive()
  await room.load()
  await device.queue()
  expect(asked()).toBe(1)
})

test('what is asked before the code is there is done when it is, in the order in which it was asked', async () => {
  const { device, arrive } = deferred()
  const room = device.room('room')
  const asked = [room.load(), room.commit({ putWrites: [write('a')] }), room.queue()] as const
  const second = room.commit({ putWrites: [write('b')] })
  arrive()
  const [loaded, , queued] = await Promise.all(asked)
  await second
  expect([loaded, queued, await room.queue()].map(idsOf)).toEqual([[], ['a'], ['a', 'b']])
})

test('rooms of one name are one room', async () => {
  const { device, arrive } = deferred()
  arrive()
  await device.room('room').commit({ putWrites: [write('a')] })
  expect(idsOf(await device.room('room').load())).toEqual(['a'])
})

test('where the code is late, whoever reads is told that nothing is known, and what was written meanwhile is kept', async () => {
  const { device, inner, health, arrive } = deferred({ loadMs: 1 })
  const seen: StorageHealth[] = []
  device.health.subscribe(() => seen.push(device.health.get()))
  const room = device.room('room')
  expect(await room.load()).toEqual({ writes: [], failed: [], shapes: [], from: 'memory' })
  expect(seen).toMatchObject([{ is: 'memory', why: 'timeout' }])
  const kept = room.commit({ putWrites: [write('meanwhile')] })
  expect(await device.queue()).toEqual({ writes: [], failed: [] })
  expect(await ending(device.purge())).toBeInstanceOf(Error)
  arrive()
  await kept
  expect(idsOf(await inner.queue())).toEqual(['meanwhile'])
  expect(idsOf(await room.load())).toEqual(['meanwhile'])
  health.set({ is: 'durable' })
  expect(seen).toMatchObject([{ is: 'memory' }, { is: 'durable' }])
})

test('where the code is not to be had, writes get their places in memory, and what is kept cannot be forgotten', async () => {
  const { device, fail } = deferred()
  const room = device.room('room')
  const loaded = room.load()
  const cause = new TypeError('Failed to fetch dynamically imported module')
  fail(cause)
  expect(await loaded).toEqual({ writes: [], failed: [], shapes: [], from: 'memory' })
  expect(device.health.get()).toEqual({ is: 'memory', why: 'broken', cause })
  const { ords } = await room.commit({ putWrites: [write('a'), write('b')] })
  const [a = 0, b = 0] = [ords.get('a'), ords.get('b')]
  expect(a).toBeLessThan(b)
  expect(await device.queue()).toEqual({ writes: [], failed: [] })
  expect(await ending(device.purge())).toBe(cause)
  await device.close()
})

test('rows of a room without code are said not to be kept', async () => {
  const { device, fail } = deferred()
  fail(new Error('gone'))
  const { adrift } = await device.room('room').commit({
    passes: [{ from: 'a' as never, to: 'b' as never, shapes: [{ key: 'todos', blocks: [] }] }],
  })
  expect(adrift).toEqual(['todos'])
})

import { afterEach, expect, test, vi } from 'vitest'
import { ending } from '../client/testing/todo-room.ts'
import { createReadable } from '../status/readable.ts'
import { DeferredDevice } from './deferred-device.ts'
import { memoryDevice } from './memory-device.ts'
import type { DeviceStorage, NewWrite, StoredFailure } from './room-storage.ts'
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

afterEach(() => void vi.useRealTimers())

const failureOf = (id: string): StoredFailure => ({
  id,
  room: 'room',
  code: 'denied',
  message: 'no',
  work: null,
  number: null,
  queuedAt: 1,
  failedAt: 2,
})

/** A promise that the test decides. */
function pending<T>() {
  let resolve = (_: T) => {}
  let reject = (_: unknown) => {}
  const promise = new Promise<T>((yes, no) => {
    resolve = yes
    reject = no
  })
  return { promise, resolve, reject }
}

/** A device, its code, which arrives or fails when the test says so, and how often somebody has asked for it. */
function deferred({ loadMs = 60_000 } = {}) {
  const health = createReadable<StorageHealth>({ is: 'idle' })
  const inner: DeviceStorage = Object.assign(memoryDevice('me').open(''), { health })
  let asked = 0
  let code = pending<DeviceStorage>()
  const load = () => {
    asked++
    return code.promise
  }
  const device = new DeferredDevice({ load, loadMs })
  return {
    device,
    inner,
    health,
    arrive: () => code.resolve(inner),
    /** What is asked for next may arrive. */
    fail: (error: unknown) => {
      const failed = code
      code = pending()
      failed.reject(error)
    },
    asked: () => asked,
  }
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
  const missing = { name: 'ConnectionError', code: 'code-not-loaded', cause }
  expect(device.health.get()).toMatchObject({ is: 'memory', why: 'broken', cause: missing })
  const { ords } = await room.commit({ putWrites: [write('a'), write('b')] })
  const [a = 0, b = 0] = [ords.get('a'), ords.get('b')]
  expect(a).toBeLessThan(b)
  expect(await device.queue()).toEqual({ writes: [], failed: [] })
  expect(await ending(device.purge())).toMatchObject(missing)
  await device.close()
})

test('rows of a room without code are said not to be kept', async () => {
  const { device, fail } = deferred()
  const committed = device.room('room').commit({
    passes: [{ from: 'a' as never, to: 'b' as never, shapes: [{ key: 'todos', blocks: [] }] }],
  })
  fail(new Error('gone'))
  expect((await committed).adrift).toEqual(['todos'])
  await device.close()
})

/** A room that was opened while its code could not be had. */
async function withoutCode() {
  vi.useFakeTimers()
  const all = deferred()
  const room = all.device.room('room')
  const loaded = room.load()
  all.fail(new TypeError('no such file'))
  await loaded
  return { ...all, room }
}

test('code that could not be had is tried again, and what was written meanwhile and is not settled is kept then', async () => {
  const { device, inner, health, arrive, asked, room } = await withoutCode()
  await room.commit({ putWrites: [write('settled'), write('a'), write('b')] })
  await room.commit({ markWrites: [{ id: 'b', cid: 'c', n: 7, sent: true }], deleteWrites: ['settled'] })
  arrive()
  await vi.advanceTimersByTimeAsync(999)
  expect([asked(), await inner.queue()]).toEqual([1, { writes: [], failed: [] }])
  await vi.advanceTimersByTimeAsync(1)
  expect(asked()).toBe(2)
  expect((await room.queue()).writes).toMatchObject([
    { id: 'a', n: null, sent: false },
    { id: 'b', n: 7, sent: true },
  ])
  await room.commit({ deleteWrites: ['a'] })
  expect(idsOf(await inner.queue())).toEqual(['b'])
  health.set({ is: 'durable' })
  expect(device.health.get()).toEqual({ is: 'durable' })
})

test('what failed while there was no code is kept as failed', async () => {
  const { inner, arrive, room } = await withoutCode()
  await room.commit({ putWrites: [write('a')] })
  const { room: _, ...failure } = failureOf('a')
  await room.commit({ deleteWrites: ['a'], putFailed: [failure, { ...failure, id: 'dropped' }] })
  await room.commit({ deleteFailed: ['dropped'] })
  arrive()
  await vi.advanceTimersByTimeAsync(1000)
  await room.queue()
  expect(await inner.queue()).toMatchObject({ writes: [], failed: [{ id: 'a' }] })
})

test('where what was written meanwhile cannot be kept even then, what is written from then on is', async () => {
  const { inner, arrive, room } = await withoutCode()
  await room.commit({ putWrites: [write('meanwhile')] })
  const real = inner.room('room')
  const commit = vi.spyOn(real, 'commit').mockRejectedValueOnce(new Error('QuotaExceededError'))
  vi.spyOn(inner, 'room').mockReturnValue(real)
  arrive()
  await vi.advanceTimersByTimeAsync(1000)
  expect(commit).toHaveBeenCalledTimes(1)
  await room.commit({ putWrites: [write('later')], deleteWrites: ['meanwhile'] })
  expect(idsOf(await inner.queue())).toEqual(['later'])
})

test('what was written in a room that is closed by the time is not kept: its writer was told so', async () => {
  const { inner, arrive, room } = await withoutCode()
  await room.commit({ putWrites: [write('a')] })
  await room.close()
  arrive()
  await vi.advanceTimersByTimeAsync(1000)
  expect(await inner.queue()).toEqual({ writes: [], failed: [] })
})

test('a device that is closed does not try to load its code again', async () => {
  const { device, asked } = await withoutCode()
  await device.close()
  await vi.advanceTimersByTimeAsync(100_000)
  expect(asked()).toBe(1)
})

test('a device that is closed before its code turns out to be missing does not try either', async () => {
  vi.useFakeTimers()
  const { device, fail, asked } = deferred()
  void device.queue()
  const closed = device.close()
  fail(new TypeError('no such file'))
  await closed
  await vi.advanceTimersByTimeAsync(100_000)
  expect(asked()).toBe(1)
})

test('code that never comes and never fails keeps nobody waiting for ever, and what was written meanwhile is kept if it comes after all', async () => {
  vi.useFakeTimers()
  const { device, inner, health, arrive, asked } = deferred({ loadMs: 3000 })
  const room = device.room('room')
  const written = room.commit({ putWrites: [write('a')] })
  const other = device.room('other')
  void other.load()
  const ended = Promise.all([written, other.close(), ending(device.purge()), ending(device.leftBehind())])
  await vi.advanceTimersByTimeAsync(30_000)
  expect(await ended).toMatchObject([{ adrift: [] }, undefined, expect.any(Error), expect.any(Error)])
  expect(device.health.get()).toMatchObject({ is: 'memory', why: 'timeout' })
  arrive()
  await vi.advanceTimersByTimeAsync(1)
  expect(idsOf(await room.queue())).toEqual(['a'])
  expect(idsOf(await inner.queue())).toEqual(['a'])
  health.set({ is: 'durable' })
  expect([device.health.get(), asked()]).toEqual([{ is: 'durable' }, 1])
})

test('a device without code that is very late is closed all the same', async () => {
  vi.useFakeTimers()
  const { device } = deferred({ loadMs: 3000 })
  void device.queue()
  const closed = device.close()
  await vi.advanceTimersByTimeAsync(30_000)
  await closed
})

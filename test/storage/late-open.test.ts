import { expect, test } from 'vitest'
import { storageBrowser } from './storage-browser.ts'

const { tab } = storageBrowser()

test('a database that answered late is one that others find writes in, as any', async () => {
  const page = await tab()
  const found = await page.evaluate(async () => {
    const { openRoom, device, hangOpen, until, write } = kit
    const release = hangOpen()
    const room = await openRoom('ada', 'room', { timings: { openMs: 100 } })
    await room.commit({ putWrites: [write('w')] })
    release()
    const bob = device('bob')
    await until(async () => (await bob.leftBehind()).length > 0, 20_000)
    return (await bob.leftBehind()).map(({ writes }) => writes)
  })
  expect(found).toEqual([1])
})

test('what an older format has left is brought into a database that answered late, before what was written meanwhile', async () => {
  const page = await tab()
  const found = await page.evaluate(async () => {
    const { openRoom, device, hangOpen, rooms, until, write } = kit
    const old = device('ada', { format: 1 })
    await old.room('room').commit({ putWrites: [write('old')] })
    await old.close()
    const release = hangOpen()
    const room = await openRoom('ada', 'room', { format: 2, timings: { openMs: 100 } })
    await room.commit({ putWrites: [write('meanwhile')] })
    release()
    await until(() => rooms.get('ada')?.device.health.get().is === 'durable', 20_000)
    const { writes } = await device('ada', { format: 2 }).queue()
    return writes.map(({ id }) => id)
  })
  expect(found).toEqual(['old', 'meanwhile'])
})

test('a write that is made while a late database is being filled is kept, too', async () => {
  const page = await tab()
  const found = await page.evaluate(async () => {
    const { openRoom, hangOpen, rooms, until, write, keptWrites } = kit
    const release = hangOpen()
    const room = await openRoom('ada', 'room', { timings: { openMs: 100 } })
    await room.commit({ putWrites: [write('before')] })
    const { add } = IDBObjectStore.prototype
    let during: Promise<unknown> | undefined
    IDBObjectStore.prototype.add = function (this: IDBObjectStore, ...given) {
      if (this.name === 'writes') during ??= room.commit({ putWrites: [write('during')] })
      return add.apply(this, given)
    }
    release()
    await until(() => rooms.get('ada')?.device.health.get().is === 'durable', 20_000)
    IDBObjectStore.prototype.add = add
    await during
    await room.commit({ putWrites: [write('after')] })
    return keptWrites('ada')
  })
  expect(found).toEqual(['before', 'during', 'after'])
})

test('a room that two use keeps its place when one of them closes it: what the other writes is brought into a late database', async () => {
  const page = await tab()
  const found = await page.evaluate(async () => {
    const { device, hangOpen, until, write, keptWrites } = kit
    const release = hangOpen()
    const ada = device('ada', { timings: { openMs: 100 } })
    const one = ada.room('room')
    await one.load()
    const closing = one.close()
    const two = ada.room('room')
    await closing
    await two.load()
    await two.commit({ putWrites: [write('w')] })
    release()
    await until(() => ada.health.get().is === 'durable', 20_000)
    return keptWrites('ada')
  })
  expect(found).toEqual(['w'])
})

test('logging out is refused for a write of yesterday that a database has told of late', async () => {
  const page = await tab()
  const found = await page.evaluate(async () => {
    const { noteClient, hangOpen, until, indexedDBStorage } = kit
    const open = { url: 'ws://127.0.0.1:9', format: 1, gate: 'shut' } as const
    const yesterday = noteClient(open)
    await yesterday.write('n1', 'yesterday')
    await yesterday.close()
    const release = hangOpen()
    const { client, pending } = noteClient({ ...open, openMs: 100 })
    pending.subscribe(() => {})
    await until(() => client.storage.get().health.is === 'memory', 20_000)
    const before = pending.get().count
    release()
    await until(() => pending.get().count === 1, 20_000)
    const logout = await client.logout().then(
      () => 'logged out',
      ({ code }: { code: string }) => code,
    )
    const left = await indexedDBStorage({ name: 'app', user: 'alice' }).open('test').queue()
    return { before, logout, left: left.writes.length }
  })
  expect(found).toEqual({ before: 0, logout: 'unsent-writes', left: 1 })
})

test('who signs out the moment that a database answers late is refused for a write of yesterday, too', async () => {
  const page = await tab()
  const found = await page.evaluate(async () => {
    const { noteClient, hangOpen, until, indexedDBStorage } = kit
    const open = { url: 'ws://127.0.0.1:9', format: 1, gate: 'shut' } as const
    const yesterday = noteClient(open)
    await yesterday.write('n1', 'yesterday')
    await yesterday.close()
    const release = hangOpen()
    const { client, pending } = noteClient({ ...open, openMs: 100 })
    pending.subscribe(() => {})
    await until(() => client.storage.get().health.is === 'memory', 20_000)
    const logout = new Promise<string>((resolve) => {
      client.storage.subscribe(() => {
        client.logout().then(
          () => resolve('logged out'),
          ({ code }: { code: string }) => resolve(code),
        )
      })
    })
    release()
    const code = await logout
    const left = await indexedDBStorage({ name: 'app', user: 'alice' }).open('test').queue()
    return { code, left: left.writes.length }
  })
  expect(found).toEqual({ code: 'unsent-writes', left: 1 })
})

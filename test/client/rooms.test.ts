import { memoryDevice } from '@durable-sync/core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createWorld, type World } from '../support/world.ts'
import { equalsServer, until } from './convergence.ts'
import { openSync } from './live-sync.ts'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.stop())

const note = (id: string) => ({ id, slug: id, title: id })
const idsAt = async (room: string) => (await world.rows(room, 'notes')).map(({ id }) => id)

test('a room is the same client for the same name, and dials nothing until it is used', async () => {
  const { sync, dialled, notes } = openSync(world, {})
  expect(sync.room('same-a')).toBe(sync.room('same-a'))
  expect(sync.room('same-a')).not.toBe(sync.room('same-b'))
  await new Promise((resolve) => setTimeout(resolve, 30))
  expect(dialled).toEqual([])
  expect(sync.room('same-a').status.get()).toEqual({ state: 'idle' })
  await notes('same-a').preload()
  expect(dialled).toEqual(['same-a'])
})

test('two rooms of one device have their own rows, and their own after a reload', async () => {
  const storage = memoryDevice('alice')
  const first = openSync(world, { storage })
  const [a, b] = [first.notes('own-a'), first.notes('own-b')]
  await Promise.all([a.insert(note('in a')).isPersisted.promise, b.insert(note('in b')).isPersisted.promise])
  await until(() => expect(first.sync.pendingWrites.get().count).toBe(0))
  await equalsServer(world, 'own-a', { notes: a })
  await equalsServer(world, 'own-b', { notes: b })
  await first.leave()
  const second = openSync(world, { storage, gate: 'shut' })
  const [again, other] = [second.notes('own-a'), second.notes('own-b')]
  await Promise.all([again.preload(), other.preload()])
  expect([again.toArray, other.toArray].map((rows) => rows.map(({ id }) => id))).toEqual([['in a'], ['in b']])
})

test('unsent writes of rooms that nobody opens are counted, and sent by `flush`', async () => {
  const storage = memoryDevice('alice')
  const train = openSync(world, { storage, gate: 'shut' })
  for (const [room, ids] of [
    ['flush-a', ['1', '2']],
    ['flush-b', ['3']],
    // Every object has something of this name.
    ['constructor', ['4']],
  ] as const)
    for (const id of ids) await train.notes(room).insert(note(id)).isPersisted.promise
  const { oldestAt, ...counted } = train.sync.pendingWrites.get()
  expect({ ...counted, rooms: Object.entries(counted.rooms).sort() }).toEqual({
    count: 4,
    rooms: [
      ['constructor', 1],
      ['flush-a', 2],
      ['flush-b', 1],
    ],
  })
  expect(oldestAt).toBeLessThanOrEqual(Date.now())
  await train.leave()

  const home = openSync(world, { storage })
  home.sync.pendingWrites.subscribe(() => {})
  await until(() => expect(home.sync.pendingWrites.get().count).toBe(4))
  expect(home.dialled).toEqual([])
  expect(await home.sync.flush()).toEqual({ sent: 4, left: 0 })
  expect(await idsAt('flush-a')).toEqual(['1', '2'])
  expect(await idsAt('flush-b')).toEqual(['3'])
  expect(await idsAt('constructor')).toEqual(['4'])
  expect(home.sync.pendingWrites.get()).toEqual({ count: 0, oldestAt: null, rooms: {} })
})

test('they are sent also when the page only uses another room, and on `start` without any', async () => {
  const storage = memoryDevice('alice')
  const train = openSync(world, { storage, gate: 'shut' })
  await train.notes('start-a').insert(note('1')).isPersisted.promise
  await train.leave()
  const home = openSync(world, { storage })
  await home.notes('start-b').preload()
  await until(async () => expect(await idsAt('start-a')).toEqual(['1']))
  await home.leave()
  await home.sync.room('start-a').close()

  const plane = openSync(world, { storage, gate: 'shut' })
  await plane.notes('start-a').insert(note('2')).isPersisted.promise
  await plane.leave()
  const later = openSync(world, { storage })
  later.sync.start()
  await until(async () => expect(await idsAt('start-a')).toEqual(['1', '2']))
})

test('`flush` says what is left where the server cannot be reached', async () => {
  const storage = memoryDevice('alice')
  const page = openSync(world, { storage, gate: 'shut', timings: { lostAfterMs: 50, dialMs: 100 } })
  await page.notes('left').insert(note('1')).isPersisted.promise
  expect(await page.sync.flush()).toEqual({ sent: 0, left: 1 })
  page.gate.admit()
  await until(async () => expect(await idsAt('left')).toEqual(['1']))
})

test('what the server refused in a room that is not open is among the failed writes of all rooms', async () => {
  const storage = memoryDevice('alice')
  const first = openSync(world, { storage })
  const { promise } = first.notes('refused').insert({ ...note('1'), slug: null as never }).isPersisted
  await promise
  await until(() => expect(first.sync.failedWrites.get().count).toBe(1))
  await first.leave()
  const second = openSync(world, { storage })
  second.sync.failedWrites.subscribe(() => {})
  await until(() => expect(second.sync.failedWrites.get().count).toBe(1))
  expect(second.dialled).toEqual([])
  const [failed] = second.sync.failedWrites.get().items
  expect(failed).toMatchObject({ room: 'refused', code: 'constraint-failed' })
  await second.sync.room('refused').discardFailed(failed?.id ?? '')
  expect(second.sync.failedWrites.get()).toEqual({ count: 0, items: [] })
})

test('the socket of a room that nobody uses closes, and whoever holds its client can go on with it', async () => {
  const { sync, notes, dialled } = openSync(world, { unusedAfterMs: 100 })
  const client = sync.room('unused')
  const shown = notes('unused')
  await shown.insert(note('1')).isPersisted.promise
  await new Promise((resolve) => setTimeout(resolve, 200))
  expect(client.status.get().state).toBe('connected')
  await shown.cleanup()
  await until(() => expect(client.status.get().state).toBe('idle'))
  expect(sync.room('unused')).toBe(client)
  await client.call.echo({ text: 'again' })
  expect(dialled).toEqual(['unused', 'unused'])
})

test('a room that is retained keeps its socket, and gets none by it', async () => {
  const { sync, dialled } = openSync(world, { unusedAfterMs: 50 })
  const release = sync.retain('retained')
  await new Promise((resolve) => setTimeout(resolve, 30))
  expect(dialled).toEqual([])
  const client = sync.room('retained')
  await client.call.echo({ text: 'x' })
  await new Promise((resolve) => setTimeout(resolve, 200))
  expect(client.status.get().state).toBe('connected')
  release()
  release()
  await until(() => expect(client.status.get().state).toBe('idle'))
})

test('a client that was closed makes way for another one of its room', async () => {
  const { sync, notes } = openSync(world, { storage: memoryDevice('alice') })
  const closed = sync.room('closed')
  await closed.close()
  expect(sync.room('closed')).not.toBe(closed)
  await notes('closed').insert(note('1')).isPersisted.promise
  await until(async () => expect(await idsAt('closed')).toEqual(['1']))
})

test('the browser is asked once not to clear the storage, after the first write that was made offline', async () => {
  let asked = 0
  const storageManager = () => ({
    persist: async () => ++asked > 0,
    persisted: async () => false,
    estimate: async () => ({ usage: 1, quota: 2 }),
  })
  const page = openSync(world, { storage: memoryDevice('alice'), environment: { storageManager } })
  const notes = page.notes('persist')
  await notes.insert(note('1')).isPersisted.promise
  await until(() => expect(page.sync.pendingWrites.get().count).toBe(0))
  expect([asked, page.sync.storage.get().persisted]).toEqual([0, 'unknown'])
  page.gate.shut()
  await world.abort('persist')
  await until(() => expect(page.sync.room('persist').status.get().state).not.toBe('connected'))
  await notes.insert(note('2')).isPersisted.promise
  await notes.insert(note('3')).isPersisted.promise
  await until(() => expect(page.sync.storage.get().persisted).toBe(true))
  expect(asked).toBe(1)
  expect(await page.sync.storage.usage()).toEqual({ usage: 1, quota: 2 })
})

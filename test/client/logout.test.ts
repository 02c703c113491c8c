import {
  doCollectionOptions,
  type LogoutOptions,
  memoryDevice,
  type StorageFactory,
} from '@durable-sync/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createWorld, type World } from '../support/world.ts'
import { until } from './convergence.ts'
import { ending } from './ending.ts'
import { openClient } from './live-client.ts'
import { openSync } from './live-sync.ts'
import { newestTanStack } from './tanstack-versions.ts'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.stop())

const note = (id: string) => ({ id, slug: id, title: id })
const idsOf = (shown: { readonly toArray: readonly { readonly id: string }[] }) =>
  shown.toArray.map(({ id }) => id).sort()

/** Alice's device: one row of the server, and one write that is not sent. */
async function deviceWith(room: string, unsent: 'one' | 'none') {
  const storage = memoryDevice('alice')
  await world.sql(room, `INSERT INTO notes VALUES ('row', 'row', 'row')`)
  const home = openSync(world, { storage })
  const shown = home.notes(room)
  await shown.preload()
  await home.leave()
  const page = openSync(world, { storage, gate: 'shut' })
  const notes = page.notes(room)
  await notes.preload()
  if (unsent === 'one') await notes.insert(note('unsent')).isPersisted.promise
  return { ...page, storage, notes }
}

/** What a page that cannot reach the server shows of the device, and how many writes it would send. */
async function nextPage(storage: ReturnType<typeof memoryDevice>, room: string) {
  const page = openSync(world, { storage, gate: 'shut' })
  const notes = page.notes(room)
  notes.preload().catch(() => {})
  page.sync.pendingWrites.subscribe(() => {})
  await new Promise((resolve) => setTimeout(resolve, 100))
  const { count } = page.sync.pendingWrites.get()
  return { shown: idsOf(notes), count }
}

/** The same device as another tab has it: a storage of its own over the same data. */
const otherTab = (storage: StorageFactory): StorageFactory => ({
  ...storage,
  open: (endpoint) => {
    const device = storage.open(endpoint)
    return {
      health: device.health,
      room: (name) => device.room(name),
      queue: () => device.queue(),
      leftBehind: () => device.leftBehind(),
      purge: (what) => device.purge(what),
      close: () => device.close(),
    }
  },
})

describe('logout', () => {
  test('refuses while writes are unsent, and nothing has happened', async () => {
    const { sync, gate, notes, storage } = await deviceWith('refuse', 'one')
    const error = await ending(sync.logout())
    expect(error).toMatchObject({ name: 'ProtocolError', code: 'unsent-writes' })
    expect(String(error)).toContain('1 write')
    expect(idsOf(notes)).toEqual(['row', 'unsent'])
    gate.admit()
    await until(() => expect(sync.pendingWrites.get().count).toBe(0))
    expect((await world.rows('refuse', 'notes')).map(({ id }) => id)).toEqual(['row', 'unsent'])
    await sync.logout()
    expect(await nextPage(storage, 'refuse')).toEqual({ shown: [], count: 0 })
  })

  test('refuses for a write of a room that is not open, and of this very moment', async () => {
    const { leave, storage } = await deviceWith('refuse-far', 'one')
    await leave()
    const { sync } = openSync(world, { storage, gate: 'shut' })
    expect(await ending(sync.logout())).toMatchObject({ code: 'unsent-writes' })
    const fresh = openSync(world, { storage: memoryDevice('alice'), gate: 'shut' })
    fresh.notes('refuse-now').insert(note('now'))
    expect(await ending(fresh.sync.logout())).toMatchObject({ code: 'unsent-writes' })
  })

  test('goes through in the moment in which the last write is confirmed', async () => {
    const { sync, notes } = openSync(world, { storage: memoryDevice('alice') })
    const tx = notes('moment').insert(note('a'))
    await sync.room('moment').whenConfirmed(tx)
    await sync.logout()
    expect(sync.room('moment').status.get()).toEqual({ state: 'closed' })
  })

  test.for([
    ['discard', 'purge', { shown: [], count: 0 }],
    ['discard', 'keep', { shown: ['row'], count: 0 }],
    ['keep', 'purge', { shown: ['unsent'], count: 1 }],
    ['keep', 'keep', { shown: ['row', 'unsent'], count: 1 }],
  ] as const)(
    'with writes: %s, rows: %s leaves that for the next time and shows nothing now',
    async (terms) => {
      const [pending, cache, left] = terms
      const room = `logout-${pending}-${cache}`
      const { sync, notes, storage, reported } = await deviceWith(room, 'one')
      await sync.logout({ pending, cache } satisfies LogoutOptions)
      expect(idsOf(notes)).toEqual([])
      expect(sync.room(room).status.get()).toEqual({ state: 'closed' })
      expect(sync.pendingWrites.get().count).toBe(0)
      expect(sync.room('another').status.get()).toEqual({ state: 'closed' })
      const stay = pending === 'keep' && { left: 'writes' }
      expect(sync.storage.get().health).toEqual({ is: 'closed', why: 'purged', ...stay })
      expect(await nextPage(storage, room)).toEqual(left)
      expect(reported).toEqual([])
    },
  )

  test('of a room that is not open counts nothing any more, and shows no failure', async () => {
    const { leave, storage } = await deviceWith('far', 'one')
    await leave()
    const { sync } = openSync(world, { storage, gate: 'shut' })
    const counts: number[] = []
    sync.pendingWrites.subscribe(() => counts.push(sync.pendingWrites.get().count))
    await until(() => expect(sync.pendingWrites.get().count).toBe(1))
    await sync.logout({ pending: 'keep' })
    expect(sync.pendingWrites.get().count).toBe(0)
    expect(counts).toEqual([1, 0])
    expect(await sync.flush()).toEqual({ sent: 0, left: 0 })
  })

  test('kept writes are sent when the same user signs in again', async () => {
    const { sync, storage } = await deviceWith('again', 'one')
    await sync.logout({ pending: 'keep' })
    const next = openSync(world, { storage })
    expect(await next.sync.flush()).toEqual({ sent: 1, left: 0 })
    expect((await world.rows('again', 'notes')).map(({ id }) => id)).toEqual(['row', 'unsent'])
  })

  test('closes the clients of other tabs, which show nothing any more', async () => {
    const { sync, storage } = await deviceWith('tabs', 'none')
    const tab = openSync(world, { storage: otherTab(storage) })
    const shown = tab.notes('tabs')
    await shown.preload()
    const lone = openClient(world, 'tabs', { storage: otherTab(storage) })
    await lone.notes.preload()
    expect([idsOf(shown), idsOf(lone.notes)]).toEqual([['row'], ['row']])
    await sync.logout()
    await until(() => expect([idsOf(shown), idsOf(lone.notes)]).toEqual([[], []]))
    expect(tab.sync.room('tabs').status.get()).toEqual({ state: 'closed' })
    expect(lone.client.status.get()).toEqual({ state: 'closed' })
    await world.sql('tabs', `INSERT INTO notes VALUES ('later', 'later', 'later')`)
    expect(await nextPage(storage, 'tabs')).toEqual({ shown: [], count: 0 })
    expect(idsOf(shown)).toEqual([])
  })

  test('takes the rows of on-demand collections off the screen, too', async () => {
    await world.sql('on-demand', `INSERT INTO notes VALUES ('a', 'a', 'a')`)
    const { sync } = openSync(world, { storage: memoryDevice('alice') })
    const { createCollection, createLiveQueryCollection } = newestTanStack
    const client = sync.room('on-demand')
    const notes = createCollection(doCollectionOptions({ client, table: 'notes', syncMode: 'on-demand' }))
    const shown = createLiveQueryCollection((q) => q.from({ notes }))
    await shown.preload()
    expect(shown.size).toBe(1)
    await sync.logout()
    expect([shown.size, notes.size]).toEqual([0, 0])
  })

  test('forgets failed writes', async () => {
    const storage = memoryDevice('alice')
    const { client, notes } = openClient(world, 'failed', { storage })
    await notes.insert({ ...note('a'), slug: null as never }).isPersisted.promise
    await until(() => expect(client.failedWrites.get().count).toBe(1))
    await client.logout()
    expect(client.failedWrites.get().count).toBe(0)
    const again = openClient(world, 'failed', { storage, gate: 'shut' })
    again.client.failedWrites.subscribe(() => {})
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(again.client.failedWrites.get().count).toBe(0)
  })

  test('rejects when something is still kept, and may be tried again', async () => {
    const storage = memoryDevice('alice')
    const device = storage.open('test')
    const { purge } = device
    device.purge = () => Promise.reject(new Error('the disk'))
    const { sync, notes } = openSync(world, { storage })
    await notes('purge-failed').preload()
    expect(await ending(sync.logout())).toMatchObject({ code: 'purge-failed', cause: new Error('the disk') })
    expect(sync.room('purge-failed').status.get()).toEqual({ state: 'closed' })
    device.purge = purge
    await sync.logout()
    expect(device.health.get()).toEqual({ is: 'closed', why: 'purged' })
  })

  test('of a client without storage concerns it alone', async () => {
    const { client, notes, gate } = openClient(world, 'bare', { gate: 'shut' })
    notes.insert(note('a')).isPersisted.promise.catch(() => {})
    expect(await ending(client.logout())).toMatchObject({ code: 'unsent-writes' })
    expect(await ending(client.logout({ pending: 'keep' }))).toMatchObject({ code: 'unsent-writes' })
    gate.admit()
    await until(() => expect(client.pendingWrites.get().count).toBe(0))
    await client.logout()
    expect(idsOf(notes)).toEqual([])
    expect(client.status.get()).toEqual({ state: 'closed' })
  })
})

test('another user who signs in on the same device sees nothing of the last one, and the server nothing from her', async () => {
  const { sync, storage } = await deviceWith('bob', 'one')
  await sync.logout({ pending: 'keep' })
  // An application that takes Alice's storage for Bob.
  const bob = openSync(world, { storage, claims: { userId: 'bob' } })
  const shown = bob.notes('bob')
  shown.preload().catch(() => {})
  await until(() => expect(bob.sync.room('bob').status.get().state).toBe('needs-auth'))
  expect((await world.rows('bob', 'notes')).map(({ id }) => id)).toEqual(['row'])
  const own = openSync(world, { storage: memoryDevice('bob'), claims: { userId: 'bob' } })
  const rows = own.notes('bob')
  await rows.preload()
  expect(idsOf(rows)).toEqual(['row'])
  expect(await own.sync.flush()).toEqual({ sent: 0, left: 0 })
})

import { doCollectionOptions, ProtocolError, type SyncClient } from '@durable-sync/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createWorld, type World } from '../support/world.ts'
import { equalsServer, until } from './convergence.ts'
import { ending } from './ending.ts'
import { openClient } from './live-client.ts'
import { versions } from './tanstack-versions.ts'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.stop())

const note = (id: string, title = id) => ({ id, slug: id, title })

/** What of a room stays when a deployment leaves `notes` out. */
const WITHOUT_NOTES = [{ table: 'todos', pk: 'id' }]

describe.each(versions)('under @tanstack/db %s', (version, db) => {
  test('a listener of the application that throws is reported and keeps nobody from rows, receipts or later changes', async () => {
    const room = `throws-${version}`
    const { notes, todos, client, reported } = openClient(world, room, { db })
    await Promise.all([notes.preload(), todos.preload()])
    let armed = false
    notes.subscribeChanges(() => {
      if (armed) throw new Error('of the application')
    })
    const heard: string[] = []
    notes.subscribeChanges((changes) => heard.push(...changes.map(({ type, key }) => `${type} ${key}`)))
    await notes.insert(note('mine')).isPersisted.promise
    armed = true
    // The changes of both tables and the outcome of a write are in one frame with the rows that the listener chokes on.
    await world.storageSql(room, `INSERT INTO notes VALUES ('theirs', 'theirs', '')`)
    await world.storageSql(room, `INSERT INTO todos (id, title) VALUES ('t', '')`)
    const call = client.call.tally({ name: 'count', ms: 0 })
    expect(await call).toEqual({ ran: 1 })
    await until(() => expect([notes.size, todos.size]).toEqual([2, 1]))
    await world.sql(room, `DELETE FROM notes WHERE id = 'mine'`)
    await until(() => expect(heard).toContain('delete mine'))
    await equalsServer(world, room, { notes, todos })
    expect(heard).toContain('insert theirs')
    expect(reported.length).toBeGreaterThan(0)
    for (const error of reported.splice(0)) expect(error).toMatchObject({ message: 'of the application' })
  })

  test('a collection that the server does not know is an error with a code, and the others load [E5]', async () => {
    const room = `unknown-${version}`
    const { notes, client } = openClient(world, room, { db })
    // A client without a contract takes any name.
    const untyped = client as unknown as SyncClient
    const misspelt = db.createCollection(
      doCollectionOptions({ client: untyped, table: 'nots', getKey: () => 'none' }),
    )
    const [error] = await Promise.all([ending(misspelt.preload()), notes.preload()])
    expect(error).toBeInstanceOf(ProtocolError)
    expect(error).toMatchObject({ code: 'unknown-collection' })
    expect(misspelt.status).toBe('error')
    await notes.insert(note('a')).isPersisted.promise
    await equalsServer(world, room, { notes })
  })

  test('two collections over one table show the same rows, and cleaning up one leaves the other live [F7]', async () => {
    const room = `twice-${version}`
    const { notes, client } = openClient(world, room, { db })
    const second = db.createCollection(doCollectionOptions({ client, table: 'notes' }))
    await notes.preload()
    await notes.insert(note('first')).isPersisted.promise
    await second.preload()
    await second.insert(note('second')).isPersisted.promise
    await until(() => expect(notes.size).toBe(2))
    await equalsServer(world, room, { notes })
    await equalsServer(world, room, { notes: second })
    await second.cleanup()
    await world.sql(room, `DELETE FROM notes WHERE id = 'first'`)
    await equalsServer(world, room, { notes })
    await second.preload()
    await equalsServer(world, room, { notes: second })
  })

  test('a write outlives the collection that it was made in', async () => {
    const room = `outlives-${version}`
    const proxy = await world.frameProxy()
    const { notes, client } = openClient(world, room, { db, port: proxy.port })
    await notes.preload()
    proxy.rule = ({ frame }) => (frame?.type === 'push' ? 'hold' : 'pass')
    const tx = notes.insert(note('a'))
    const link = await proxy.link(0)
    await until(() => expect(link.held).toHaveLength(1))
    await notes.cleanup()
    expect(client.pendingWrites.get().count).toBe(1)
    await notes.preload()
    link.release()
    await tx.isPersisted.promise
    await until(() => expect(notes.has('a')).toBe(true))
    await equalsServer(world, room, { notes })
  })

  test('rows of a table that a deployment takes out stay on the screen and are marked, the others go on, and all is well when it is back [H2]', async () => {
    const room = `taken-out-${version}`
    const proxy = await world.frameProxy()
    const { notes, todos } = openClient(world, room, { db, port: proxy.port })
    await world.sql(room, `INSERT INTO notes VALUES ('a', 'a', 'a')`)
    await Promise.all([notes.preload(), todos.preload()])
    await world.control(room, 'register', { collections: WITHOUT_NOTES })
    proxy.cut()
    await until(() =>
      expect(notes.utils.syncState.get()).toMatchObject({
        phase: 'error',
        error: { code: 'unknown-collection' },
      }),
    )
    expect(notes.has('a')).toBe(true)
    await world.sql(room, `INSERT INTO todos (id, title) VALUES ('t', 't')`)
    await equalsServer(world, room, { todos })
    await world.control(room, 'register', {})
    await world.sql(room, `INSERT INTO notes VALUES ('b', 'b', 'b')`)
    proxy.cut()
    await until(() => expect(notes.utils.syncState.get().phase).toBe('live'))
    await equalsServer(world, room, { notes, todos })
  })
})

test('a server that makes everybody load again reaches those who are there and those who come back, without an empty moment', async () => {
  const room = 'everybody'
  const proxy = await world.frameProxy()
  await world.sql(room, `INSERT INTO notes VALUES ('a', 'a', 'a')`)
  const there = openClient(world, room)
  const away = openClient(world, room, { port: proxy.port })
  await Promise.all([there.notes.preload(), away.notes.preload()])
  away.gate.shut()
  proxy.cut()
  await until(() => expect(away.gate.waiting).toBe(1))
  const sizes = new Set<number>()
  for (const { notes } of [there, away]) notes.subscribeChanges(() => sizes.add(notes.size))
  await world.control(room, 'resyncAll', {})
  await world.sql(room, `INSERT INTO notes VALUES ('b', 'b', 'b')`)
  away.gate.admit()
  for (const { notes } of [there, away]) {
    await equalsServer(world, room, { notes })
    await until(() => expect(notes.utils.syncState.get().phase).toBe('live'))
  }
  expect(sizes).toEqual(new Set([2]))
  const [hello] = proxy.links[1]?.clientFrames('hello') ?? []
  expect(hello?.subs).toMatchObject([{ joined: true }])
  expect(proxy.links[1]?.serverFrames('welcome')[0]?.subs).toMatchObject([{ is: 'restart', reason: 'shape' }])
})

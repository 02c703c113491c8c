import { memoryDevice } from '@durable-sync/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { carriesReceipts, holding, transparent } from '../support/frame-rules.ts'
import { createWorld, type World } from '../support/world.ts'
import { equalsServer, until } from './convergence.ts'
import { ending } from './ending.ts'
import { openClient } from './live-client.ts'
import { watchSteadily } from './steady-watch.ts'
import { versions } from './tanstack-versions.ts'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.stop())

const note = (id: string, title = id) => ({ id, slug: id, title })

describe.each(versions)('under @tanstack/db %s', (version, db) => {
  test('what others write while a write awaits its confirmation is there with the confirmation, and nothing waits for anything else [R18]', async () => {
    const room = `under-a-write-${version}`
    const proxy = await world.frameProxy()
    const { notes, todos } = openClient(world, room, { db, port: proxy.port })
    await Promise.all([notes.preload(), todos.preload()])
    const link = await proxy.link(0)
    proxy.rule = holding(({ from, frame }) => from === 'client' && frame?.type === 'push')
    const tx = notes.insert(note('mine'))
    await until(() => expect(link.held).toHaveLength(1))
    await world.sql(room, `INSERT INTO notes VALUES ('theirs', 'theirs', 'theirs')`)
    await world.sql(room, `INSERT INTO todos (id, title) VALUES ('t', 'theirs')`)
    // Another collection is not held up by it.
    await until(() => expect(todos.size).toBe(1))
    proxy.rule = transparent
    link.release()
    await tx.isPersisted.promise
    await until(() => expect(notes.size).toBe(2), 500)
    await equalsServer(world, room, { notes, todos })
  })

  test('edits that overlap each other and those of others end as the server has them, and a refused one leaves nothing of itself [R18]', async () => {
    const room = `overlapping-${version}`
    const { todos } = openClient(world, room, { db })
    const other = openClient(world, room, { db, claims: { userId: 'bob' } })
    await Promise.all([todos.preload(), other.todos.preload()])
    await world.sql(
      room,
      `INSERT INTO todos (id, title, owner) VALUES ('t', '', 'alice'), ('of bob', 'his', 'bob')`,
    )
    await until(() => expect([todos.size, other.todos.size]).toEqual([2, 2]))
    const endings: Promise<unknown>[] = []
    for (let i = 0; i < 20; i++) {
      const typed = todos.update('t', (draft) => {
        draft.title = `typed ${i}`
      })
      const refused = todos.update('of bob', (draft) => {
        draft.title = `stolen ${i}`
      })
      endings.push(typed.isPersisted.promise, ending(refused.isPersisted.promise))
      const changed = world.sql(room, `UPDATE todos SET rank = ${i}`)
      if (i % 3 === 0) await changed
    }
    const errors = (await Promise.all(endings)).filter((error) => error instanceof Error)
    expect(errors).toHaveLength(20)
    for (const error of errors) expect(error).toMatchObject({ code: 'denied' })
    await equalsServer(world, room, { todos })
    await equalsServer(world, room, { todos: other.todos })
    expect([todos.get('t')?.title, todos.get('of bob')?.title]).toEqual(['typed 19', 'his'])
  })

  test('a write that is made while its collection is loading keeps its row until the load brings it, also across a drop [A1, R3]', async () => {
    const room = `while-loading-${version}`
    const proxy = await world.frameProxy()
    await world.sql(room, `INSERT INTO notes VALUES ('old', 'old', 'old')`)
    const { notes } = openClient(world, room, { db, port: proxy.port })
    proxy.rule = ({ frame }, link) => (link.index < 2 && frame?.type === 'joined' ? 'hold' : 'pass')
    const loaded = notes.preload()
    const tx = notes.insert(note('mine'))
    const seen = watchSteadily(() => notes.has('mine'))
    let persisted = false
    tx.isPersisted.promise.then(() => {
      persisted = true
    })
    const first = await proxy.link(0)
    await until(() => expect(first.conversation.some(carriesReceipts)).toBe(true))
    await until(() => expect(first.held).toHaveLength(1))
    // Decided, and not yet to be seen anywhere else than in the write itself.
    expect(persisted).toBe(false)
    proxy.cut()
    const second = await proxy.link(1)
    await until(() => expect(second.held).toHaveLength(1))
    expect(persisted).toBe(false)
    second.release()
    await Promise.all([loaded, tx.isPersisted.promise])
    expect(seen()).toEqual([true])
    await equalsServer(world, room, { notes })
  })
})

test('a write that this device could not keep is not sent, and rejects [R18]', async () => {
  const room = 'full-disk'
  const proxy = await world.frameProxy()
  const device = memoryDevice('alice')
  const kept = device.open('test').room(room)
  const commit = kept.commit.bind(kept)
  kept.commit = async (change) => {
    if (change.putWrites) throw new Error('the disk is full')
    return commit(change)
  }
  const { notes, client } = openClient(world, room, { port: proxy.port, storage: device, settleOn: 'server' })
  await notes.preload()
  const error = await ending(notes.insert(note('a')).isPersisted.promise)
  expect(error).toMatchObject({ name: 'ConnectionError', code: 'storage-failed' })
  expect(notes.size).toBe(0)
  expect(client.pendingWrites.get().count).toBe(0)
  expect((await proxy.link(0)).clientFrames('push')).toEqual([])
})

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createWorld, type World } from '../support/world.ts'
import { equalsServer, until } from './convergence.ts'
import { openClient } from './live-client.ts'
import { versions } from './tanstack-versions.ts'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.stop())

const note = (id: string) => ({ id, slug: id, title: id })

describe.each(versions)('under @tanstack/db %s', (version, db) => {
  test('a live query of an idle client hears of a write after the object was evicted, on the socket that it has [H1]', async () => {
    const room = `query-${version}`
    const proxy = await world.frameProxy()
    const idle = openClient(world, room, { db, port: proxy.port })
    const titles = db.createLiveQueryCollection((q) =>
      q.from({ note: idle.notes }).orderBy(({ note: row }) => row.title, 'desc'),
    )
    await titles.preload()
    // Before anything was ever announced to it, and once more afterwards.
    for (const id of ['first', 'second']) {
      await world.evict(room)
      const writer = openClient(world, room, { db, claims: { userId: 'bob' } })
      await writer.notes.preload()
      await world.evict(room)
      await writer.notes.insert(note(id)).isPersisted.promise
      await until(() => expect(titles.toArray.map(({ title }) => title)).toContain(id))
    }
    expect(titles.toArray.map(({ title }) => title)).toEqual(['second', 'first'])
    expect(proxy.links).toHaveLength(1)
    expect((await world.stats(room)).constructed).toBeGreaterThanOrEqual(5)
    await equalsServer(world, room, { notes: idle.notes })
  })
})

test('a client writes, calls and mounts on after an eviction without a new connection and without telling anything twice', async () => {
  const room = 'goes-on'
  const proxy = await world.frameProxy()
  const { client, notes, todos, traces } = openClient(world, room, { port: proxy.port })
  await Promise.all([notes.preload(), traces.preload()])
  const steps = [
    () => notes.insert(note('a')).isPersisted.promise,
    () => client.call.tally({ name: 'count', ms: 0 }),
    () => todos.preload(),
    () => notes.delete('a').isPersisted.promise,
    () => notes.cleanup(),
    () => client.call.tally({ name: 'count', ms: 20 }),
    () => notes.preload(),
  ]
  for (const step of steps) {
    await world.evict(room)
    await step()
  }
  await world.evict(room)
  expect(await client.call.tally({ name: 'count', ms: 0 })).toEqual({ ran: 3 })
  await equalsServer(world, room, { notes, todos, traces })
  expect(proxy.links).toHaveLength(1)
  expect(
    proxy.links[0]
      ?.clientFrames('push')
      .flatMap(({ items }) => items)
      .map(({ n }) => n),
  ).toEqual([1, 2, 3, 4, 5])
})

test('a write whose permission was still being asked for when the object was aborted is carried out once [H1, C4]', async () => {
  const room = 'aborted'
  const { client, traces } = openClient(world, room)
  await traces.preload()
  const call = client.call.tally({ name: 'count', ms: 300 })
  await until(() => expect(client.pendingWrites.get()).toMatchObject({ items: [{ state: 'sent' }] }))
  await world.stats(room)
  await world.abort(room)
  expect(await call).toEqual({ ran: 1 })
  await equalsServer(world, room, { traces })
})

test('a handler that crashes the object is given up on, and what was written behind it goes through', async () => {
  const room = 'poison'
  const { jobs, client } = openClient(world, room)
  await jobs.preload()
  const poison = jobs.insert({ id: 'poison', behaviour: 'execute-abort', delay: 0 })
  const behind = jobs.insert({ id: 'behind', behaviour: 'plain', delay: 0 })
  await expect(poison.isPersisted.promise).rejects.toMatchObject({ code: 'handler-crashed' })
  await behind.isPersisted.promise
  expect(client.pendingWrites.get().count).toBe(0)
  await equalsServer(world, room, { jobs })
  expect(jobs.toArray.map(({ id }) => id)).toEqual(['behind'])
})

import type { Predicate } from '@durable-sync/core/wire'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { declared } from '../protocol/items.ts'
import { descending, first, Viewer } from '../protocol/viewer.ts'
import { WIDE_CLAIMS } from '../protocol/wide-claims.ts'
import { createWorld, type World } from '../support/world.ts'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.stop())

/** Has the row, and takes as many characters. */
const naming = (id: string, characters: number): Predicate => ({
  op: 'in',
  column: 'id',
  values: [id, 'x'.repeat(characters)],
})

/** Where subscriptions are kept, by number. */
const places = async (room: string) =>
  Object.fromEntries((await world.subscriptions(room)).map(({ sub, kept }) => [sub, kept]))

const write = (room: string, ...statements: string[]) => world.control(room, 'write', { statements })

test('subscriptions that no attachment has room for outlive a sleep as those that one has room for do [H1, R2]', async () => {
  const room = 'both'
  const client = await world.connect(room)
  await client.enter(declared)
  for (let sub = 1; sub <= 6; sub++)
    await client.join({ sub, collection: 'samples', where: naming(`s${sub}`, 500) })
  expect(await places(room)).toEqual({
    1: 'beside',
    2: 'beside',
    3: 'beside',
    4: 'table',
    5: 'table',
    6: 'table',
  })
  for (const round of [1, 2]) {
    await world.evict(room)
    await write(
      room,
      ...[1, 2, 3, 4, 5, 6, 7].map((n) => `REPLACE INTO samples (id, i) VALUES ('s${n}', ${round})`),
    )
    const { frames } = await client.pass()
    expect(frames[0]?.tables.samples?.up.map(([id]) => id)).toEqual(['s1', 's2', 's3', 's4', 's5', 's6'])
  }
  // What leaves makes room for what comes, and what leaves the table is gone from there.
  for (const sub of [2, 5]) client.send({ type: 'leave', sub })
  await client.join({ sub: 7, collection: 'samples', where: naming('s7', 500) })
  expect(await places(room)).toEqual({ 1: 'beside', 3: 'beside', 4: 'table', 6: 'table', 7: 'beside' })
  await world.evict(room)
  await write(room, 'UPDATE samples SET i = 3')
  const { frames } = await client.pass()
  expect(frames[0]?.tables.samples?.up.map(([id]) => id).sort()).toEqual(['s1', 's3', 's4', 's6', 's7'])
  await client.close()
  expect(await places(room)).toEqual({})
})

test('a window whose end takes more room than there is goes on in the table, and outlives a sleep there [H1, R20]', async () => {
  const room = 'grown'
  await world.sql(
    room,
    `INSERT INTO tasks (id, votes, title) VALUES ('a', 3, 'x'), ('b', 2, 'x'), ('${'c'.repeat(500)}', 1, 'x'), ('d', 0, 'x')`,
  )
  const viewer = await Viewer.open(world, room, [
    { collection: 'samples', where: naming('s', 1600) },
    { collection: 'tasks', window: first(2, descending('votes')) },
  ])
  expect(await places(room)).toEqual({ 1: 'beside', 2: 'beside' })
  await viewer.page(2, 1)
  expect(await places(room)).toEqual({ 1: 'beside', 2: 'table' })
  await world.evict(room)
  await write(room, `UPDATE tasks SET title = 'y'`, `INSERT INTO samples (id) VALUES ('s')`)
  await viewer.pass()
  await viewer.expectEqual()
  expect(viewer.keys(2)).toHaveLength(3)
})

test('claims that are renewed on an open socket, and take the room of its subscriptions, cost it none of them [R2, R8]', async () => {
  const room = 'renewed'
  const viewer = await Viewer.open(world, room, [{ collection: 'samples', where: naming('s', 1600) }])
  expect(await places(room)).toEqual({ 1: 'beside' })
  const claims = { userId: 'alice', role: '宽'.repeat(4050) }
  expect(await world.control(room, 'setClaims', { userId: 'alice', claims })).toBe(1)
  expect(await places(room)).toEqual({ 1: 'table' })
  await world.evict(room)
  await write(room, `INSERT INTO samples (id) VALUES ('s')`)
  await viewer.pass()
  await viewer.expectEqual()
  await viewer.client.expectNothing(20)
})

test('a socket whose client ids come to take the room of its subscriptions is told to come again, and is then served [R2]', async () => {
  const room = 'crowded'
  const viewer = await Viewer.open(world, room, [{ collection: 'samples', where: naming('s', 1600) }])
  const cids = Array.from({ length: 60 }, (_, i) => ({ cid: `${i}${'宽'.repeat(118)}`, seen: 0 }))
  viewer.client.send({ type: 'open', cids })
  expect((await viewer.client.next('goodbye')).code).toBe(1012)
  await viewer.resume({ cids })
  expect(await places(room)).toEqual({ 1: 'table' })
  await world.evict(room)
  await write(room, `INSERT INTO samples (id) VALUES ('s')`)
  await viewer.pass()
  await viewer.expectEqual()
})

test('a client whose claims leave no room comes back as any other [B5, R2]', async () => {
  const room = 'wide'
  const viewer = await Viewer.open(world, room, [{ collection: 'samples' }], { claims: WIDE_CLAIMS })
  await write(room, `INSERT INTO samples (id) VALUES ('s')`)
  await viewer.pass()
  await viewer.resume()
  await world.evict(room)
  await write(room, `INSERT INTO samples (id) VALUES ('t')`)
  await viewer.pass()
  await viewer.expectEqual()
  expect(await places(room)).toEqual({ 1: 'table' })
})

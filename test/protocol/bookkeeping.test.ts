import type { PushItem } from '@durable-sync/core/wire'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createWorld, type World } from '../support/world.ts'
import { call, declared, insert, job, mutate, remove, sample, update } from './items.ts'
import { Watcher } from './watcher.ts'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.stop())

/** Rows that each item writes, library and handlers together, in an object that has begun its era and swept. */
async function rowsWritten(room: string, items: readonly PushItem[]): Promise<number[]> {
  const watcher = await Watcher.open(world, room, ['samples', 'jobs', 'notes'], declared)
  await watcher.settle(sample(1, 'first'))
  const counts: number[] = []
  for (const item of items) {
    await world.resetCounts(room)
    await watcher.settle(item)
    counts.push((await world.stats(room)).rowsWritten)
  }
  return counts
}

test('an insert, an update and a delete write three rows each [R25]', async () => {
  const counts = await rowsWritten('three', [
    sample(2, 'a', { t: 'x' }),
    mutate(3, update('samples', 'a', { t: 'y' })),
    mutate(4, remove('samples', 'a')),
  ])
  expect(counts).toEqual([3, 3, 3])
})

test('a mutation of fifty operations writes its rows twice, and one row beside [R25]', async () => {
  const inserts = Array.from({ length: 50 }, (_, i) => insert('samples', `s${i}`, {}))
  const updates = inserts.map(({ key }) => update('samples', key, { i: 1 }))
  const removes = inserts.map(({ key }) => remove('samples', key))
  const counts = await rowsWritten('fifty', [
    mutate(2, ...inserts),
    mutate(3, ...updates),
    mutate(4, ...removes),
  ])
  expect(counts).toEqual([101, 101, 101])
})

test('a rejection and a result that is kept write two rows, nothing more [R25, C12]', async () => {
  const counts = await rowsWritten('two', [
    job(2, 'a', 'authorize-throw'),
    job(3, 'b', 'check-throw'),
    job(4, 'c', 'execute-throw-late'),
    call(5, 'echo', { x: 1 }),
  ])
  // What execute wrote before it threw was written, and undone: it is counted all the same.
  expect(counts).toEqual([2, 2, 4, 2])
})

test('a resend, and a write that changes nothing, write next to nothing [R25, C15]', async () => {
  const counts = await rowsWritten('nothing', [sample(1, 'first'), mutate(2, remove('samples', 'nobody'))])
  expect(counts).toEqual([0, 1])
})

test('a flush reads and encodes each row once, however many sockets want it [R26]', async () => {
  const room = 'encoded'
  const watchers = []
  for (let i = 0; i < 5; i++)
    watchers.push(
      await Watcher.open(world, room, i < 4 ? ['samples'] : ['samples', 'notes'], { client: `${i}` }),
    )
  await world.control(room, 'write', {
    statements: [
      `INSERT INTO samples (id) VALUES ('a'), ('b'), ('c')`,
      `INSERT INTO notes (id, slug, title) VALUES ('n', 's', '')`,
    ],
  })
  const passes = await Promise.all(watchers.map((watcher) => watcher.pass()))
  const flushed = (await world.control(room, 'events', {})).findLast(({ type }) => type === 'flushed')
  expect(flushed).toMatchObject({ rows: 4, sockets: 5 })
  // All that want the same get the same text.
  const texts = passes.map(({ frames }) => JSON.stringify(frames))
  expect(new Set(texts).size).toBe(2)
  expect(flushed?.bytes).toBe(texts.reduce((sum, text) => sum + text.length - 2, 0))
  for (const watcher of watchers) await watcher.expectEqual()
})

test('sockets at different positions get each what they lack, in one flush [R26, R2]', async () => {
  const room = 'apart'
  const all = await Watcher.open(world, room, ['samples', 'notes'], { client: 'all' })
  const notes = await Watcher.open(world, room, ['notes'], { client: 'notes' })
  await world.sql(room, `INSERT INTO samples (id) VALUES ('a')`)
  await all.pass()
  expect(all.at).not.toBe(notes.at)
  await world.sql(room, `INSERT INTO notes (id, slug, title) VALUES ('n', 's', '')`)
  const passes = [await all.pass(), await notes.pass()]
  expect(passes[0]?.frames[0]?.tables).toEqual(passes[1]?.frames[0]?.tables)
  expect(all.at).toBe(notes.at)
  for (const watcher of [all, notes]) await watcher.expectEqual()
})

test('many writes of many clients in one tick are one flush [R9, R26]', async () => {
  const room = 'group'
  const watcher = await Watcher.open(world, room, ['samples'], declared)
  const items = Array.from({ length: 300 }, (_, i) => sample(i + 1, `s${i}`))
  watcher.client.push(...items.slice(0, 100))
  watcher.client.push(...items.slice(100, 200))
  watcher.client.push(...items.slice(200))
  const settled = []
  while (settled.length < 300) settled.push(...(await watcher.pass()).settled)
  const flushes = (await world.control(room, 'events', {})).filter(({ type }) => type === 'flushed')
  expect(flushes.length).toBeLessThanOrEqual(4)
  await watcher.expectEqual()
})

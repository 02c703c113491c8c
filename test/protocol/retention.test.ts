import type { Position } from '@durable-sync/core/wire'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { createWorld, type World } from '../support/world.ts'
import { CID, declared, job, sample } from './items.ts'
import { Watcher } from './watcher.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterEach(() => world.setClock(0))
afterAll(() => world.stop())

const insertSamples = (room: string, ...ids: string[]) =>
  world.sql(room, `INSERT INTO samples (id) VALUES ${ids.map((id) => `('${id}')`).join(', ')}`)

const log = async (room: string) =>
  (await world.storageSql(room, 'SELECT seq FROM _sync_log ORDER BY seq')).map(({ seq }) => Number(seq))

const meta = async (room: string, name: string) =>
  Number((await world.storageSql(room, 'SELECT value FROM _sync_meta WHERE name = ?', name))[0]?.value ?? 0)

const count = async (room: string, table: string) =>
  (await world.storageSql(room, `SELECT count(*) AS n FROM ${table}`))[0]?.n

/** An instance that writes begins an era, below which the next prune can go. */
async function nextEra(room: string, id: string) {
  await world.evict(room)
  await insertSamples(room, id)
}

test('a position below the floor is reset, and rows that are gone meanwhile are gone [B6, R1]', async () => {
  const watcher = await Watcher.open(world, 'floor', ['samples'])
  await insertSamples('floor', 'a', 'b')
  await watcher.pass()
  watcher.client.drop()
  await world.sql('floor', `DELETE FROM samples WHERE id = 'a'`)
  await nextEra('floor', 'c')
  await world.prune('floor')
  const pass = await watcher.resume()
  expect(watcher.welcome).toMatchObject({ reset: 'pruned', subs: [{ is: 'restart', reason: 'requested' }] })
  expect(pass.from).toBeNull()
  await watcher.join(1)
  await watcher.expectEqual()
})

test('a pruned log keeps its newest row, so that no number is ever used twice [B7, R1]', async () => {
  const watcher = await Watcher.open(world, 'empty', ['samples'])
  await insertSamples('empty', 'a')
  await watcher.pass()
  const old = watcher.at
  await nextEra('empty', 'b')
  await watcher.pass()
  const [head] = (await log('empty')).slice(-1)
  await world.prune('empty')
  await world.compact('empty')
  expect(await log('empty')).toEqual([head])
  // At the head nothing is missing; before it, nobody is told that it is up to date.
  await watcher.resume()
  expect(watcher.welcome.reset).toBeUndefined()
  watcher.at = old
  await watcher.resume()
  expect(watcher.welcome.reset).toBe('pruned')
  await insertSamples('empty', 'c')
  expect((await log('empty')).at(-1)).toBe(Number(head) + 1)
})

test('a prune divides positions exactly at its floor [B6, R1]', async () => {
  const watcher = await Watcher.open(world, 'exact', ['samples'])
  const positions = [watcher.at as Position]
  const take = async () => void positions.push((await watcher.pass()).to)
  for (const id of ['a', 'b']) {
    await insertSamples('exact', id)
    await take()
  }
  await nextEra('exact', 'c')
  await take()
  for (const id of ['d', 'e']) {
    await insertSamples('exact', id)
    await take()
  }
  await world.prune('exact')
  // What the floor leaves unneeded goes, and nothing else.
  await world.compact('exact')
  expect((await log('exact'))[0]).toBe(5)
  const floor = await meta('exact', 'pruned_through')
  expect(floor).toBe(4)
  const { subs } = watcher.hello
  for (const at of positions) {
    const client = await world.connect('exact')
    const { welcome, pass } = await client.enter({ client: 'probe', at, subs })
    const seq = Number(at.split('.')[0])
    expect(welcome.reset, at).toBe(seq < floor ? 'pruned' : undefined)
    const keys = pass.frames.flatMap(({ tables }) => tables.samples?.up.map(([key]) => key) ?? [])
    expect(keys.toSorted()).toEqual(seq < floor ? [] : ['d', 'e'].slice(seq - floor))
    client.drop()
  }
})

test('a prune brings the sockets below its floor to the head first [R1, R2, B13]', async () => {
  const idle = await Watcher.open(world, 'boundary', ['notes'])
  await insertSamples('boundary', 'a')
  await nextEra('boundary', 'b')
  await idle.client.expectNothing(30)
  await world.prune('boundary')
  const pass = await idle.pass()
  expect(pass.frames).toMatchObject([{ tables: {} }])
  await world.sql('boundary', `INSERT INTO notes (id, slug, title) VALUES ('n', 's', 't')`)
  await idle.pass()
  await idle.expectEqual()
  await idle.resume()
  expect(idle.welcome.reset).toBeUndefined()
})

test('what nobody needs any more goes with the next compaction, and at once where little stays [R1, R25]', async () => {
  const watcher = await Watcher.open(world, 'unneeded', ['samples'], declared)
  const rows = (from: number, count: number) =>
    world.sql(
      'unneeded',
      `WITH RECURSIVE c (i) AS (SELECT ${from} UNION ALL SELECT i + 1 FROM c WHERE i + 1 < ${from + count})
       INSERT INTO samples (id) SELECT 'k' || i FROM c`,
    )
  await rows(0, 100)
  await nextEra('unneeded', 'a')
  await world.resetCounts('unneeded')
  await world.prune('unneeded')
  const { byStatement } = await world.stats('unneeded')
  expect(JSON.stringify(byStatement)).not.toContain('_sync_log')
  expect((await log('unneeded')).length).toBe(102)
  await rows(100, 2000)
  await nextEra('unneeded', 'b')
  const before = (await log('unneeded')).length
  expect(before).toBeGreaterThan(2000)
  await world.resetCounts('unneeded')
  await world.prune('unneeded')
  expect(await log('unneeded')).toEqual([2103])
  expect((await world.stats('unneeded')).rowsWritten).toBeLessThan(15)
  await watcher.resume()
  expect(watcher.welcome.reset).toBe('pruned')
  await watcher.join(1)
  await watcher.expectEqual()
})

test('a prune without a newer era, and a second one, move nothing [R1]', async () => {
  const watcher = await Watcher.open(world, 'idle', ['samples'])
  await insertSamples('idle', 'a')
  await watcher.pass()
  await world.prune('idle')
  await world.prune('idle', 0)
  const before = [await log('idle'), await meta('idle', 'pruned_through')]
  await world.prune('idle')
  expect([await log('idle'), await meta('idle', 'pruned_through')]).toEqual(before)
  await watcher.resume()
  expect(watcher.welcome.reset).toBeUndefined()
})

test('the floor outlives the instance [R1]', async () => {
  const watcher = await Watcher.open(world, 'durable', ['samples'])
  const old = watcher.at
  await insertSamples('durable', 'a')
  await nextEra('durable', 'b')
  await world.prune('durable')
  await world.kill()
  await world.start()
  watcher.at = old
  await watcher.resume()
  expect(watcher.welcome.reset).toBe('pruned')
})

test('an era lasts an hour at least while the object stays awake [R1, R25]', async () => {
  const eras = () => count('hourly', '_sync_era')
  await insertSamples('hourly', 'a')
  for (let minutes = 0; minutes < 60; minutes += 10) {
    await world.setClock(minutes * 60_000)
    await insertSamples('hourly', `m${minutes}`)
  }
  expect(await eras()).toBe(1)
  await world.setClock(HOUR + 1000)
  await insertSamples('hourly', 'x', 'y')
  expect(await eras()).toBe(2)
  await insertSamples('hourly', 'z')
  expect(await eras()).toBe(2)
})

test('what is older than the retention goes by itself, and what is younger stays [B6, R1, R28]', async () => {
  const watcher = await Watcher.open(world, 'days', ['samples'])
  const day0 = watcher.at
  await insertSamples('days', 'a')
  await world.setClock(1 * DAY)
  await insertSamples('days', 'b')
  const probe = async (at: Position | null) => {
    watcher.at = at
    await watcher.resume()
    return watcher.welcome.reset
  }
  expect(await probe(day0)).toBeUndefined()
  const day1 = watcher.at
  // A day and an hour past the retention of two days: the first day goes, the second stays.
  await world.setClock(3 * DAY + HOUR)
  await insertSamples('days', 'c')
  expect(await probe(day0)).toBe('pruned')
  expect(await probe(day1)).toBeUndefined()
  expect((await world.control('days', 'events', {})).some(({ type }) => type === 'pruned')).toBe(true)
})

test('a shorter retention is what registerSync was told [R28]', async () => {
  await world.control('short', 'register', { retentionMs: HOUR })
  const watcher = await Watcher.open(world, 'short', ['samples'])
  const { at } = watcher
  await insertSamples('short', 'a')
  await world.setClock(2 * HOUR)
  await insertSamples('short', 'b')
  await world.setClock(4 * HOUR)
  await insertSamples('short', 'c')
  watcher.at = at
  await watcher.resume()
  expect(watcher.welcome.reset).toBe('pruned')
})

test('compaction comes by itself, keeps one row a key, and lets the log grow before the next [B8, R1]', async () => {
  const watcher = await Watcher.open(world, 'compact', ['samples'], declared)
  const update = (times: number) =>
    world.sql(
      'compact',
      `INSERT OR REPLACE INTO samples (id, i)
       WITH RECURSIVE c (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < ${times}) SELECT 'hot', i FROM c`,
    )
  await update(998)
  await watcher.pass()
  expect(await count('compact', '_sync_log')).toBeGreaterThan(990)
  await update(2)
  await watcher.pass()
  expect(await log('compact')).toEqual([1, 1001])
  await update(500)
  await watcher.pass()
  expect((await log('compact')).length).toBe(502)
  await watcher.resume()
  expect(watcher.welcome.reset).toBeUndefined()
  await watcher.expectEqual()
})

test('a compaction after which more stays than goes takes exactly what is superseded [B8, R1]', async () => {
  for (const id of ['a', 'b', 'a', 'a', 'c', 'd', 'b', 'e'])
    await world.sql('mixed', 'INSERT OR REPLACE INTO samples (id) VALUES (?)', id)
  await world.compact('mixed')
  // 1 is the origin; 2 to 4 and 5 were a, b, a and a.
  expect(await log('mixed')).toEqual([1, 5, 6, 7, 8, 9])
})

test('a cursor that nobody read to its end keeps no log from being compacted [B8, R1]', async () => {
  await world.storageSql(
    'locked',
    `WITH RECURSIVE c (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 6)
     INSERT INTO todos (id, title) SELECT i, hex(zeroblob(500000)) FROM c`,
  )
  const client = await world.connect('locked')
  await client.enter({})
  client.send({ type: 'join', sub: 1, join: 1, collection: 'todos' })
  // The answer ends in the middle of the table, and nobody asks for the rest.
  await client.until('next')
  for (let i = 0; i < 20; i++) await world.sql('locked', `INSERT OR REPLACE INTO samples (id) VALUES ('hot')`)
  await world.compact('locked')
  expect(await log('locked')).toEqual([1, 2, 3, 4, 5, 6, 7, 27])
})

test('retired client ids are kept for seven days, silent ones for ninety [C12, R7, R28]', async () => {
  const client = await world.connect('sweep')
  await client.enter({
    cids: [
      { cid: CID, seen: 0 },
      { cid: 'retired', seen: 0 },
    ],
  })
  await client.settle(job(1, 'a', 'authorize-throw'), { ...sample(1, 'b'), cid: 'retired' })
  client.send({ type: 'retire', cids: ['retired'] })
  const verdicts = async (days: number) => {
    await world.setClock(days * DAY)
    await insertSamples('sweep', `day ${days}`)
    const probe = await world.connect('sweep')
    const { welcome, pass } = await probe.enter({
      client: 'probe',
      cids: [
        { cid: CID, seen: 0 },
        { cid: 'retired', seen: 0 },
      ],
    })
    return [...welcome.cids.map(({ is }) => is), pass.settled.length]
  }
  expect(await verdicts(6)).toEqual(['known', 'retired', 1])
  expect(await verdicts(8)).toEqual(['known', 'unknown', 1])
  expect(await verdicts(89)).toEqual(['known', 'unknown', 1])
  expect(await verdicts(91)).toEqual(['unknown', 'unknown', 0])
  expect(await count('sweep', '_sync_outcome')).toBe(0)
})

import { afterAll, beforeAll, expect, test } from 'vitest'
import { pause } from '../support/deadline.ts'
import type { Pass } from '../support/raw-client.ts'
import { createWorld, type World } from '../support/world.ts'
import { CID, call, declared, insert, job, mutate, remove, sample, update } from './items.ts'
import { Watcher } from './watcher.ts'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.stop())

/** The keys that a pass brings and takes of a table. */
const delta = (pass: Pass, table: string) => ({
  up: pass.frames.flatMap((frame) => (frame.tables[table]?.up ?? []).map(([key]) => key)),
  del: pass.frames.flatMap((frame) => frame.tables[table]?.del ?? []),
})

const insertSample = (id: string, t = '') => `INSERT INTO samples (id, t) VALUES ('${id}', '${t}')`

test('the receipt of a write is in the frame that carries its row [A1, R3]', async () => {
  const watcher = await Watcher.open(world, 'receipt', ['samples'], declared)
  watcher.client.push(sample(1, 'a'))
  const pass = await watcher.pass()
  expect(pass.frames).toHaveLength(1)
  expect(delta(pass, 'samples')).toEqual({ up: ['a'], del: [] })
  expect(pass.settled).toEqual([{ cid: CID, n: 1, outcome: { is: 'committed' } }])
})

test('welcome moves nothing, and one pass that ends in live follows it [R3, R5]', async () => {
  await world.sql('welcome', insertSample('a'))
  const client = await world.connect('welcome')
  client.hello()
  expect((await client.next('welcome')).reset).toBeUndefined()
  const first = await client.next('changes')
  expect(first).toMatchObject({ from: null, live: true, tables: {} })
  await client.expectNothing(30)
  const resumed = await world.connect('welcome')
  const { pass } = await resumed.enter({ client: 'other', at: first.to })
  expect(pass).toMatchObject({ from: first.to, to: first.to, live: true })
})

test('a join claims no position that covers what was not sent, be it announced or not [A2, A5, R3]', async () => {
  const watcher = await Watcher.open(world, 'claims', ['notes', 'samples'])
  // Past the library: the triggers saw it, nobody was told.
  await world.storageSql('claims', `INSERT INTO notes (id, slug, title) VALUES ('n', 's', 't')`)
  const { passes, end } = await watcher.join(2)
  expect(passes.map((pass) => delta(pass, 'notes'))).toEqual([{ up: ['n'], del: [] }])
  expect(passes[0]?.to).toBe(end.at)
  await watcher.expectEqual()
  // Nothing is left to be caught up with after a drop right here.
  const pass = await watcher.resume()
  expect(delta(pass, 'notes')).toEqual({ up: [], del: [] })
  await watcher.expectEqual()
})

test('a replayed receipt does not overtake changes that were not announced [A3, R3]', async () => {
  const watcher = await Watcher.open(world, 'replay', ['samples'], declared)
  await watcher.settle(sample(1, 'a'))
  await world.storageSql('replay', insertSample('b'))
  watcher.client.push(sample(1, 'a'))
  const pass = await watcher.pass()
  expect(delta(pass, 'samples').up).toEqual(['b'])
  expect(pass.settled).toHaveLength(1)
  await watcher.expectEqual()
})

test('what a handler writes while it waits for permission reaches everybody at once [A5, R27]', async () => {
  const watcher = await Watcher.open(world, 'early', ['traces'], declared)
  watcher.client.push(call(1, 'earlyWrite', { id: 'early', ms: 150 }))
  const pass = await watcher.pass()
  expect(delta(pass, 'traces').up).toEqual(['early'])
  expect(pass.settled).toEqual([])
  const late = await Watcher.open(world, 'early', ['traces'], { client: 'late' })
  late.client.drop()
  await late.resume()
  await late.expectEqual()
  expect((await watcher.pass()).settled).toHaveLength(1)
})

test('writes sent back to back take effect in order though the first is slow to be allowed [A6]', async () => {
  const watcher = await Watcher.open(world, 'order', ['jobs'], declared)
  watcher.client.push(job(1, 'row', 'plain', 80))
  watcher.client.push(mutate(2, remove('jobs', 'row')), job(3, 'row', 'check-false'), job(4, 'row'))
  const settled: [number, string][] = []
  while (settled.length < 4)
    settled.push(...(await watcher.pass()).settled.map((r): [number, string] => [r.n, r.outcome.is]))
  expect(settled).toEqual([
    [1, 'committed'],
    [2, 'committed'],
    [3, 'rejected'],
    [4, 'committed'],
  ])
  await watcher.expectEqual()
})

test('a watcher gets a row with the confirmation of its writer, in a frame of its own [A7]', async () => {
  const writer = await Watcher.open(world, 'watch', ['samples'], { ...declared, client: 'writer' })
  const watcher = await Watcher.open(world, 'watch', ['samples'])
  writer.client.push(sample(1, 'a'))
  const [own, theirs] = await Promise.all([writer.pass(), watcher.pass()])
  expect(theirs.to).toBe(own.to)
  expect(own.settled).toHaveLength(1)
  expect(theirs.settled).toEqual([])
  await watcher.expectEqual()
})

test('a hundred updates of one row in one tick are one row, the last [A8]', async () => {
  const watcher = await Watcher.open(world, 'hot', ['samples'], declared)
  await watcher.settle(sample(1, 'hot'))
  const updates = Array.from({ length: 100 }, (_, i) => mutate(i + 2, update('samples', 'hot', { i })))
  watcher.client.push(...updates)
  const pass = await watcher.pass()
  expect(delta(pass, 'samples')).toEqual({ up: ['hot'], del: [] })
  expect(pass.settled.map(({ n }) => n)).toEqual(updates.map(({ n }) => n))
  expect(watcher.rows('samples').get('hot')).toMatchObject({ i: 99 })
  const statements = Array.from({ length: 100 }, (_, i) => `UPDATE samples SET i = ${i} WHERE id = 'hot'`)
  await world.control('hot', 'write', { statements })
  expect(delta(await watcher.pass(), 'samples').up).toEqual(['hot'])
  await watcher.client.expectNothing(30)
  await watcher.expectEqual()
})

test('an insert and a delete of one key in one tick leave no row and no error [A9]', async () => {
  const watcher = await Watcher.open(world, 'fleeting', ['samples'], declared)
  watcher.client.push(sample(1, 'a'), mutate(2, remove('samples', 'a')))
  expect(delta(await watcher.pass(), 'samples')).toEqual({ up: [], del: ['a'] })
  await watcher.settle(sample(3, 'b'))
  watcher.client.push(mutate(4, remove('samples', 'b')), sample(5, 'b', { t: 'again' }))
  expect(delta(await watcher.pass(), 'samples')).toEqual({ up: ['b'], del: [] })
  await watcher.expectEqual()
})

test('the rows of one transaction become visible in one step, also over tables [A10]', async () => {
  const watcher = await Watcher.open(world, 'atomic', ['samples', 'notes'])
  for (let i = 0; i < 20; i++) {
    await world.control('atomic', 'write', {
      statements: [
        insertSample(`s${i}`),
        `INSERT INTO notes (id, slug, title) VALUES ('n${i}', 's${i}', '')`,
        insertSample(`t${i}`),
      ],
    })
  }
  while (watcher.rows('samples').size < 40) {
    await watcher.pass()
    expect(watcher.rows('samples').size, 'a transaction was seen in part').toBe(
      2 * watcher.rows('notes').size,
    )
  }
  await watcher.expectEqual()
})

test('a pass above 256 KB is cut into frames of one step, and the last one carries the receipts [R3, A10]', async () => {
  const watcher = await Watcher.open(world, 'large', ['messages', 'samples'], declared)
  watcher.client.push(call(1, 'fill', { count: 400, bytes: 2000, prefix: 'm' }), sample(2, 's'))
  const pass = await watcher.pass()
  expect(pass.frames.length).toBeGreaterThan(3)
  const last = pass.frames.length - 1
  for (const [i, frame] of pass.frames.entries()) {
    expect(frame).toMatchObject({ from: pass.from, to: pass.to })
    expect(JSON.stringify(frame).length).toBeLessThan(300_000)
    expect([frame.more, frame.settled?.length]).toEqual(i < last ? [true, undefined] : [undefined, 2])
  }
  expect(delta(pass, 'messages').up).toHaveLength(400)
  await watcher.expectEqual()
})

test('a socket that nothing concerns is left alone, until it lags by more than 4,096 changes [R2, B13]', async () => {
  const idle = await Watcher.open(world, 'lag', ['notes'])
  const rows = (count: number, prefix: string) =>
    world.sql(
      'lag',
      `WITH RECURSIVE c (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < ${count})
       INSERT INTO samples (id) SELECT '${prefix}' || i FROM c`,
    )
  await rows(4095, 'a')
  await idle.client.expectNothing(50)
  await rows(2, 'b')
  const pass = await idle.pass()
  expect(pass.frames).toMatchObject([{ tables: {} }])
  await rows(1, 'c')
  await idle.client.expectNothing(30)
  // Its next own change starts where the empty frame ended.
  await world.sql('lag', `INSERT INTO notes (id, slug, title) VALUES ('n', 's', 't')`)
  await idle.pass()
  await idle.expectEqual()
})

test('a receipt that concerns no table of the socket still moves it from its own position [R2, R3]', async () => {
  const watcher = await Watcher.open(world, 'elsewhere', ['notes'], declared)
  const { at } = watcher
  await world.sql('elsewhere', insertSample('other'))
  await watcher.client.expectNothing(30)
  watcher.client.push(sample(1, 'mine'))
  const pass = await watcher.pass()
  expect(pass.from).toBe(at)
  expect(pass.frames).toMatchObject([{ tables: {} }])
})

test('over a hundred mixed writes every pass starts where the one before ended [R3, A7]', async () => {
  const watchers = [
    await Watcher.open(world, 'chain', ['samples', 'notes', 'jobs'], declared),
    await Watcher.open(world, 'chain', ['notes'], { client: 'b' }),
    await Watcher.open(world, 'chain', ['jobs', 'samples'], { client: 'c' }),
  ]
  const [writer] = watchers
  for (let n = 1; n <= 100; n++) {
    const key = `k${n % 7}`
    writer?.client.push(
      n % 5 === 0
        ? mutate(n, insert('notes', key, { slug: `s${n % 3}`, title: `${n}` }))
        : n % 3 === 0
          ? mutate(n, remove('samples', key))
          : n % 2 === 0
            ? job(n, `${key} ${n}`, 'plain', n % 4 === 0 ? 2 : 0)
            : sample(n, key, { i: n }),
    )
    if (n % 11 === 0) await world.storageSql('chain', insertSample(`raw${n}`))
    if (n % 10 === 0) await pause(3)
  }
  const sum = () => world.storageSql('chain', 'SELECT last FROM _sync_cid')
  while ((await sum())[0]?.last !== 100) await pause(5)
  await world.flush('chain')
  await pause(50)
  for (const watcher of watchers) {
    // `Watcher.apply` fails on a pass that starts anywhere else than at its position.
    const waiting = watcher.client.received.filter(({ type }) => type === 'changes').at(-1)
    while (waiting?.type === 'changes' && watcher.at !== waiting.to) await watcher.pass()
    await watcher.expectEqual()
  }
})

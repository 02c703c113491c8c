import type { Position } from '@durable-sync/core/wire'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { cutAfterServerFrame, onFirst, transparent } from '../support/frame-rules.ts'
import type { Pass } from '../support/raw-client.ts'
import { createWorld, type World } from '../support/world.ts'
import { CID, declared, job, sample } from './items.ts'
import { Watcher } from './watcher.ts'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.stop())

const note = (id: string, slug: string, title = '') =>
  `INSERT INTO notes (id, slug, title) VALUES ('${id}', '${slug}', '${title}')`
const samples = (...ids: string[]) =>
  `INSERT INTO samples (id) VALUES ${ids.map((id) => `('${id}')`).join(', ')}`

const write = (room: string, ...statements: string[]) => world.control(room, 'write', { statements })

/** Every row and key that a pass brings and takes. */
const size = (pass: Pass) =>
  pass.frames
    .flatMap(({ tables }) => Object.values(tables))
    .reduce((sum, { up, del }) => sum + up.length + del.length, 0)

test('a row that was deleted and made anew meanwhile is the new one, and the rest is there too [B1]', async () => {
  const watcher = await Watcher.open(world, 'reborn', ['samples', 'notes'])
  await write('reborn', samples('a', 'b'), note('n', 's'))
  await watcher.pass()
  watcher.client.drop()
  await write('reborn', `DELETE FROM samples WHERE id = 'a'`, `DELETE FROM notes`)
  await write('reborn', `INSERT INTO samples (id, t) VALUES ('a', 'reborn')`, samples('c'))
  const pass = await watcher.resume()
  expect(watcher.welcome.subs).toEqual([
    { id: 1, is: 'resume' },
    { id: 2, is: 'resume' },
  ])
  expect(size(pass)).toBe(3)
  await watcher.expectEqual()
})

test('a resume brings what changed and nothing else, in one step [B5, R3, R5]', async () => {
  const watcher = await Watcher.open(world, 'away', ['samples', 'notes', 'jobs'])
  await write('away', samples('a', 'b', 'c', 'd', 'e', 'f'))
  await watcher.pass()
  const { at } = watcher
  watcher.client.drop()
  await write('away', `DELETE FROM samples WHERE id = 'a'`, `UPDATE samples SET t = 'x' WHERE id = 'b'`)
  await write('away', `UPDATE samples SET id = 'z' WHERE id = 'c'`, note('n', 's'))
  const pass = await watcher.resume()
  expect(pass).toMatchObject({ from: at, live: true })
  expect(size(pass)).toBe(5)
  await watcher.expectEqual()
  expect((await watcher.resume()).from).toBe(pass.to)
})

test('a resume cut after any frame is complete the next time [B2, R3, R5]', async () => {
  await world.sql('cut', samples('a'))
  for (let k = 0; k < 6; k++) {
    const watcher = await Watcher.open(world, 'cut', ['messages', 'samples', 'notes'], declared)
    const { at } = watcher
    watcher.client.drop()
    await world.sql(
      'cut',
      `INSERT OR REPLACE INTO messages SELECT value || '', 'bob', hex(zeroblob(100000)), ?1 FROM json_each('[1,2,3,4,5]')`,
      k,
    )
    await write('cut', `DELETE FROM samples`, samples(`s${k}`), `DELETE FROM notes`, note('n', `${k}`))
    const proxy = await world.frameProxy()
    proxy.rule = k === 0 ? transparent : onFirst(1, cutAfterServerFrame(k))
    const cut = await world.connectTo(world.url('cut', { userId: 'alice' }, proxy.port))
    cut.hello(watcher.hello)
    if (k > 0) {
      expect((await cut.ended()).code).toBe(1006)
      expect(cut.received).toHaveLength(k)
      // The whole pass is five frames after welcome: it was never seen complete.
      expect(cut.received.some((frame) => frame.type === 'changes' && frame.live)).toBe(false)
    }
    const pass = await watcher.resume()
    expect([pass.from, pass.frames.length]).toEqual([at, 5])
    await watcher.expectEqual()
    // And it is live from there.
    await world.sql('cut', `UPDATE samples SET t = 'live'`)
    await watcher.pass()
    await watcher.expectEqual()
    watcher.client.drop()
  }
})

test('the position covers the joined subscriptions only; the others ask for themselves [B2, B3, R5]', async () => {
  const watcher = await Watcher.open(world, 'half', ['samples', 'notes'])
  const { at, hello } = watcher
  watcher.client.drop()
  await write('half', samples('a'), note('n', 's'))
  const [first, second] = hello.subs
  if (!first || !second) throw new Error('two subscriptions were expected')
  const pass = await watcher.resume({ subs: [first, { ...second, joined: false }] })
  expect(watcher.welcome.subs).toEqual([
    { id: 1, is: 'resume' },
    { id: 2, is: 'restart', reason: 'requested' },
  ])
  expect(pass.from).toBe(at)
  expect(Object.keys(pass.frames[0]?.tables ?? {})).toEqual(['samples'])
  // Until it has joined it gets nothing, also no live change.
  await write('half', note('m', 't'), samples('b'))
  expect(Object.keys((await watcher.pass()).frames[0]?.tables ?? {})).toEqual(['samples'])
  await watcher.join(2)
  await watcher.expectEqual()
})

test('a verdict on one subscription touches no other [B2, E5, R5, R8]', async () => {
  const watcher = await Watcher.open(world, 'verdicts', ['samples', 'notes'])
  const [first, second] = watcher.hello.subs
  if (!first || !second) throw new Error('two subscriptions were expected')
  await write('verdicts', samples('a'))
  await watcher.pass()
  watcher.client.drop()
  await write('verdicts', samples('b'))
  const pass = await watcher.resume({
    subs: [
      first,
      { ...second, shape: 'of another time' },
      { id: 3, collection: 'nothing', joined: true },
      { id: 4, collection: 'samples', joined: true, where: { op: 'isNull', column: 'x' } },
    ],
  })
  expect(watcher.welcome.subs).toMatchObject([
    { id: 1, is: 'resume' },
    { id: 2, is: 'restart', reason: 'shape' },
    { id: 3, is: 'refused', code: 'unknown-collection' },
    { id: 4, is: 'refused', code: 'unknown-column' },
  ])
  expect(size(pass)).toBe(1)
  await watcher.join(2)
  await watcher.expectEqual()
})

test('compaction takes a position from nobody, at whatever number it is [B8, R1]', async () => {
  const early = await Watcher.open(world, 'hot', ['samples'])
  const positions: Position[] = []
  for (let i = 0; i < 30; i++) {
    const put = `INSERT OR REPLACE INTO samples (id, i) VALUES ('hot', ${i})`
    await write('hot', put, ...(i % 5 === 0 ? [`DELETE FROM samples WHERE id = 'hot'`] : []))
    positions.push((await early.pass()).to)
  }
  await world.compact('hot')
  expect(await world.storageSql('hot', `SELECT count(*) AS n FROM _sync_log WHERE tbl = 'samples'`)).toEqual([
    { n: 1 },
  ])
  const { subs } = early.hello
  for (const at of positions) {
    const client = await world.connect('hot')
    const { welcome, pass } = await client.enter({ client: 'late', at, subs })
    expect(welcome.reset, at).toBeUndefined()
    expect([pass.from, size(pass)]).toEqual([at, at === early.at ? 0 : 1])
    client.drop()
  }
})

test('a client that is a little behind a compacted log is not asked to load again [B8, R1]', async () => {
  const watcher = await Watcher.open(world, 'behind', ['samples', 'notes'])
  await write('behind', samples('a', 'hot'), note('n', 's'))
  await watcher.pass()
  watcher.client.drop()
  await world.control('behind', 'write', {
    statements: Array.from({ length: 100 }, (_, i) => `UPDATE samples SET i = ${i} WHERE id = 'hot'`),
  })
  await write('behind', `DELETE FROM samples WHERE id = 'a'`)
  await world.compact('behind')
  const pass = await watcher.resume()
  expect(watcher.welcome.reset).toBeUndefined()
  expect(size(pass)).toBe(2)
  await watcher.expectEqual()
})

test('a catch-up of five hundred rows reads a bounded number of rows [B11]', async () => {
  const watcher = await Watcher.open(world, 'bounded', ['samples'])
  watcher.client.drop()
  await write('bounded', samples(...Array.from({ length: 500 }, (_, i) => `s${i}`)))
  await write('bounded', `UPDATE samples SET t = 'x'`)
  await world.resetCounts('bounded')
  const pass = await watcher.resume()
  const { rowsRead } = await world.stats('bounded')
  expect(size(pass)).toBe(500)
  // Two log rows and one row of the table for every key, and a little beside.
  expect(rowsRead).toBeLessThan(500 * 6)
  await watcher.expectEqual()
})

test('what an instance wrote and never announced arrives after it died, or slept [B12, R2]', async () => {
  const watcher = await Watcher.open(world, 'unsaid', ['samples'])
  await world.storageSql('unsaid', samples('a'))
  await watcher.client.expectNothing(30)
  await world.evict('unsaid')
  // Whatever wakes it: the socket is brought up to date before anything else.
  await world.stats('unsaid')
  expect(size(await watcher.pass())).toBe(1)
  await watcher.expectEqual()
  await world.storageSql('unsaid', samples('b'))
  await world.abort('unsaid')
  expect((await watcher.client.ended()).code).toBe(1006)
  expect(size(await watcher.resume())).toBe(1)
  await watcher.expectEqual()
})

test('a wake sends nothing to a socket that lacks nothing [R2]', async () => {
  const watcher = await Watcher.open(world, 'wake', ['samples'])
  for (const id of ['a', 'b', 'c']) {
    await world.sql('wake', samples(id))
    await watcher.pass()
  }
  await world.evict('wake')
  await world.stats('wake')
  await watcher.client.expectNothing(50)
  await world.sql('wake', samples('d'))
  expect(size(await watcher.pass())).toBe(1)
})

test('an idle client of a quiet table neither loads again nor is stale [B13]', async () => {
  const idle = await Watcher.open(world, 'quiet', ['notes'])
  await write('quiet', note('n', 's'))
  await idle.pass()
  for (let i = 0; i < 3; i++)
    await write('quiet', samples(...Array.from({ length: 2000 }, (_, j) => `${i}-${j}`)))
  await idle.pass()
  await world.compact('quiet')
  const pass = await idle.resume()
  expect(idle.welcome.reset).toBeUndefined()
  expect(size(pass)).toBe(0)
  await idle.expectEqual()
})

test('a position that the object never gave out is no position [B10, R1]', async () => {
  const watcher = await Watcher.open(world, 'never', ['samples'])
  await world.sql('never', samples('a'))
  const { to } = await watcher.pass()
  const [seq = '', nonce = '', object = ''] = to.split('.')
  const wrong = [
    `${Number(seq) + 1}.${nonce}.${object}`,
    `9007199254740991.${nonce}.${object}`,
    `${seq}.0.${object}`,
    `${seq}.${nonce}.0123456789abcdef0123`,
    `-1.${nonce}.${object}`,
    '',
    'x'.repeat(128),
  ]
  for (const at of wrong) {
    const pass = await watcher.resume({ at: at as Position })
    expect(watcher.welcome.reset, at).toBe('lineage')
    expect(watcher.welcome.subs).toEqual([{ id: 1, is: 'restart', reason: 'requested' }])
    expect(pass).toMatchObject({ from: null, to })
    await watcher.join(1)
    await watcher.expectEqual()
  }
})

test('outcomes ride on the pass that brings what they caused [C6, R3]', async () => {
  const watcher = await Watcher.open(world, 'unheard', ['samples'], declared)
  await world.control('unheard', 'write', { statements: [samples('other')] })
  await watcher.pass()
  watcher.client.push(sample(1, 'a'), job(2, 'b', 'check-throw'))
  watcher.client.drop()
  const counts = () => world.storageSql('unheard', 'SELECT last FROM _sync_cid')
  while ((await counts())[0]?.last !== 2) await world.flush('unheard')
  const pass = await watcher.resume()
  expect(watcher.welcome.cids).toEqual([{ cid: CID, is: 'known', last: 2 }])
  expect(size(pass)).toBe(1)
  expect(pass.settled).toMatchObject([{ n: 2, outcome: { is: 'rejected', code: 'denied' } }])
  await watcher.expectEqual()
})

test.each([
  ['dropped', 'DROP TABLE notes'],
  ['altered', 'ALTER TABLE notes RENAME COLUMN title TO heading'],
])(
  'what was held of a table that was %s since is told to nobody who comes back [B11, R9]',
  async (name, statement) => {
    const room = `held-${name}`
    const watchers: Watcher[] = []
    for (const client of ['before', 'after'])
      watchers.push(await Watcher.open(world, room, ['samples', 'notes'], { client }))
    for (const { client } of watchers) await client.close()
    await write(room, samples('a'), note('n', 's'))
    const [before, after] = watchers
    const held = await before?.resume()
    expect(held?.frames[0]?.tables).toMatchObject({ notes: { up: [['n', 's', '']] } })
    await world.storageSql(room, statement)
    const client = await world.connect(room)
    const { welcome, pass } = await client.enter(after?.hello)
    expect(welcome.subs.map(({ is }) => is)).toEqual(['restart', 'restart'])
    expect(pass.frames.map(({ tables }) => tables)).toEqual([{}])
  },
)

import type { Position } from '@durable-sync/core/wire'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RawClient } from '../support/raw-client.ts'
import { RowSet } from '../support/row-set.ts'
import { createWorld, type World } from '../support/world.ts'
import { CID, declared, sample } from './items.ts'
import { Watcher } from './watcher.ts'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.stop())

/** `count` messages `m00000`… of `bytes` characters. */
const fill = (room: string, count: number, bytes: number) =>
  world.sql(
    room,
    `WITH RECURSIVE c (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM c WHERE i + 1 < ?1)
     INSERT INTO messages (id, author, content, created_at)
     SELECT printf('m%05d', i), 'alice', substr(replace(hex(zeroblob(?2)), '0', 'x'), 1, ?2), i FROM c`,
    count,
    bytes,
  )

/** One answer to a join request, and what it ends in. */
async function answer(client: RawClient) {
  const chunks = []
  const passes = []
  for (;;) {
    const frame = await client.take('the end of an answer')
    if (frame.type === 'chunk') chunks.push(frame)
    else if (frame.type === 'changes') passes.push(frame)
    else return { chunks, passes, end: frame }
  }
}

/** A room with 5 MB of messages and a socket that has the first answer of a join of them. */
async function halfJoined(room: string) {
  await fill(room, 1000, 5000)
  const client = await world.connect(room)
  const { pass } = await client.enter()
  client.send({ type: 'join', sub: 1, join: 1, collection: 'messages' })
  const first = await answer(client)
  if (first.end.type !== 'next') throw new Error(`the first answer ended in ${first.end.type}`)
  const { p0, shape, after } = first.end
  const more = (join = 1) =>
    client.send({ type: 'join', sub: 1, join, collection: 'messages', p0, shape, after })
  return { client, start: pass.to, first, p0, shape, after, more }
}

test('a table above 4 MB is joined in several answers of chunks below 256 KB [R4, B3]', async () => {
  const { client, first, more } = await halfJoined('pages')
  const bytes = first.chunks.map((chunk) => JSON.stringify(chunk).length)
  expect(Math.max(...bytes)).toBeLessThan(300_000)
  expect(bytes.reduce((a, b) => a + b)).toBeLessThan(4.5 * 1024 * 1024)
  expect(first.passes).toEqual([])
  more()
  const second = await answer(client)
  expect(second.end).toMatchObject({ type: 'joined', join: 1, replace: true, key: 'id', kinds: {} })
  const keys = [...first.chunks, ...second.chunks].flatMap(({ up }) => up.map(([key]) => key))
  expect(keys).toEqual(keys.toSorted())
  expect(keys).toHaveLength(1000)
})

test('what changes between the pages of a join is repaired at its end [R4, B4]', async () => {
  const { client, first, start, after, more } = await halfJoined('between')
  await world.control('between', 'write', {
    statements: [
      `DELETE FROM messages WHERE id = 'm00001'`,
      `UPDATE messages SET content = 'new' WHERE id = 'm00002'`,
      `UPDATE messages SET id = 'a-moved' WHERE id = 'm00003'`,
      `UPDATE messages SET id = 'z-moved' WHERE id = 'm00004'`,
      `INSERT INTO messages VALUES ('a-first', 'bob', 'before all', 0), ('z-last', 'bob', 'after all', 0)`,
      `DELETE FROM messages WHERE id = 'm00998'`,
      `DELETE FROM messages WHERE id = '${after}'`,
    ],
  })
  await client.expectNothing(50)
  more()
  const second = await answer(client)
  expect(second.passes).toMatchObject([{ from: start, tables: {} }])
  if (second.end.type !== 'joined') throw new Error(`the join ended in ${second.end.type}`)
  expect(second.end.at).toBe(second.passes[0]?.to)
  const rows = new RowSet()
  rows.join({ chunks: [...first.chunks, ...second.chunks], passes: [], requests: 2, end: second.end })
  expect(rows.sorted()).toEqual(await world.rows('between', 'messages'))
  // Joined, it is live from exactly there.
  await world.sql('between', `DELETE FROM messages WHERE id = 'z-last'`)
  expect(await client.pass()).toMatchObject({ from: second.end.at })
})

test('an eviction between the pages of a join is not noticed [R4, R2]', async () => {
  const { client, first, more } = await halfJoined('asleep')
  await world.evict('asleep')
  await world.sql('asleep', `UPDATE messages SET content = 'new' WHERE id = 'm00002'`)
  await client.expectNothing(50)
  more()
  const second = await answer(client)
  if (second.end.type !== 'joined') throw new Error(`the join ended in ${second.end.type}`)
  const rows = new RowSet()
  rows.join({ chunks: [...first.chunks, ...second.chunks], passes: [], requests: 2, end: second.end })
  expect(rows.sorted()).toEqual(await world.rows('asleep', 'messages'))
})

test('a join goes on over a new socket, and an abandoned stage leaves nothing behind [R4, B3, B4]', async () => {
  const { client, first, p0, shape, after } = await halfJoined('dropped')
  client.drop()
  await world.sql('dropped', `DELETE FROM messages WHERE id = 'm00001'`)
  // A new client that starts over has exactly the table, the row that it saw before included.
  const watcher = await Watcher.open(world, 'dropped', ['messages'])
  await watcher.expectEqual()
  const other = await world.connect('dropped')
  await other.enter({ client: 'other' })
  other.send({ type: 'join', sub: 9, join: 4, collection: 'messages', p0, shape, after })
  const second = await answer(other)
  if (second.end.type !== 'joined') throw new Error(`the join ended in ${second.end.type}`)
  const rows = new RowSet()
  rows.join({ chunks: [...first.chunks, ...second.chunks], passes: [], requests: 2, end: second.end })
  expect(rows.sorted()).toEqual(await world.rows('dropped', 'messages'))
})

test('a join whose start was pruned away between the pages starts over [R4, R1]', async () => {
  const { client, more } = await halfJoined('pruned')
  await world.evict('pruned')
  await world.sql('pruned', `DELETE FROM messages WHERE id = 'm00001'`)
  await world.prune('pruned')
  // The prune brought the socket itself to the head first.
  await client.pass()
  more()
  expect(await client.take()).toEqual({ type: 'restart', sub: 1, reason: 'pruned' })
  const rows = new RowSet()
  rows.join(await client.join({ sub: 1, collection: 'messages' }))
  expect(rows.sorted()).toEqual(await world.rows('pruned', 'messages'))
})

test('a join whose start is of another history starts over [R4, R1]', async () => {
  const copy = await world.storageCopy('history')
  const { client, p0, shape, after } = await halfJoined('history')
  await world.restore('history', copy)
  await client.ended()
  await fill('history', 2000, 10)
  const next = await world.connect('history')
  await next.enter()
  next.send({ type: 'join', sub: 1, join: 1, collection: 'messages', p0, shape, after })
  expect(await next.take()).toEqual({ type: 'restart', sub: 1, reason: 'lineage' })
})

test('a join from a position of its own brings only what changed since [R4, B5]', async () => {
  const watcher = await Watcher.open(world, 'since', ['samples'], declared)
  await watcher.settle(...Array.from({ length: 50 }, (_, i) => sample(i + 1, `s${i}`)))
  const since = watcher.at as Position
  watcher.client.send({ type: 'leave', sub: 1 })
  await world.control('since', 'write', {
    statements: [
      `DELETE FROM samples WHERE id = 's1'`,
      `UPDATE samples SET t = 'x' WHERE id = 's2'`,
      `INSERT INTO samples (id) VALUES ('new')`,
    ],
  })
  await watcher.client.expectNothing(30)
  const { chunks, end } = await watcher.join(1, since)
  expect(end.replace).toBe(false)
  expect(chunks.flatMap(({ up }) => up.map(([key]) => key)).toSorted()).toEqual(['new', 's2'])
  expect(chunks.flatMap(({ del }) => del)).toEqual(['s1'])
  await watcher.expectEqual()
})

test('a join from a position that is no longer good says why [R4, R1, R8]', async () => {
  const watcher = await Watcher.open(world, 'since-bad', ['samples'])
  const since = watcher.at as Position
  const { shape } = watcher.hello.subs[0] ?? {}
  const ask = async (fields: { since: Position; shape?: string }) => {
    watcher.client.send({ type: 'join', sub: 2, join: 77, collection: 'samples', ...fields })
    return watcher.client.until('restart')
  }
  const reason = async (fields: { since: Position; shape?: string }) => (await ask(fields)).frame.reason
  const known = shape === undefined ? {} : { shape }
  expect(await reason({ since, shape: 'another' })).toBe('shape')
  expect(await reason({ since })).toBe('shape')
  expect(await reason({ since: since.replace(/^\d+/, '999') as Position, ...known })).toBe('lineage')
  expect(await reason({ since: 'nonsense' as Position, ...known })).toBe('lineage')
  await world.evict('since-bad')
  await world.sql('since-bad', `INSERT INTO samples (id) VALUES ('a')`)
  await world.prune('since-bad')
  expect(await reason({ since, ...known })).toBe('pruned')
})

test('an empty table and a refusal do not look alike [E4, E5, R4]', async () => {
  const client = await world.connect('refused')
  await client.enter()
  const { chunks, end } = await client.join({ sub: 1, collection: 'traces' })
  expect(chunks).toEqual([])
  expect(end.replace).toBe(true)
  const refused = [
    ['unknown-collection', { collection: 'nothing' }],
    ['unknown-collection', { collection: '_sync_cid' }],
  ] as const
  for (const [i, [code, spec]] of refused.entries()) {
    client.send({ type: 'join', sub: 2 + i, join: 10 + i, ...spec })
    expect(await client.next('refused')).toMatchObject({ re: 'join', join: 10 + i, code })
  }
  // The joined one is none the worse for it.
  await world.sql('refused', `INSERT INTO traces (id, job) VALUES ('a', 'b')`)
  expect((await client.pass()).frames).toMatchObject([{ tables: { traces: { up: [['a', 'b']] } } }])
})

test('a row goes to a socket once, however many of its subscriptions show it [R3]', async () => {
  const watcher = await Watcher.open(world, 'twice', ['samples', 'samples'], declared)
  watcher.client.push(sample(1, 'a'))
  const pass = await watcher.pass()
  expect(pass.frames).toMatchObject([{ tables: { samples: { up: [['a', null, null, null, null, null]] } } }])
  watcher.client.send({ type: 'leave', sub: 1 })
  await watcher.settle(sample(2, 'b'))
  await watcher.expectEqual()
  watcher.client.send({ type: 'leave', sub: 2 })
  const { passes } = await watcher.client.settle(sample(3, 'c'))
  expect(passes).toMatchObject([{ frames: [{ tables: {} }], settled: [{ cid: CID, n: 3 }] }])
})

test('a subscription that joins again is silent until it has joined [R4]', async () => {
  const { client, more } = await halfJoined('again')
  more()
  await answer(client)
  client.send({ type: 'join', sub: 1, join: 2, collection: 'messages' })
  expect((await answer(client)).end).toMatchObject({ type: 'next', join: 2 })
  await world.sql('again', `UPDATE messages SET content = 'new' WHERE id = 'm00002'`)
  await client.expectNothing(50)
  more(2)
  expect((await answer(client)).end).toMatchObject({ type: 'joined', join: 2 })
  await world.sql('again', `UPDATE messages SET content = 'newer' WHERE id = 'm00002'`)
  await client.pass()
})

test('a join of rows whose keys are no UTF-8 ends, and brings each of them once [R4, R15]', async () => {
  await fill('odd', 1000, 5000)
  // One of them at the end of each page, then nothing but them.
  await world.sql('odd', `UPDATE messages SET id = CAST(x'FF' || id AS TEXT) WHERE id > 'm00300'`)
  const client = await world.connect('odd')
  await client.enter()
  for (const where of [undefined, { op: 'in', column: 'author', values: ['alice', 'bob'] } as const]) {
    const { chunks, requests } = await client.join({
      sub: 1,
      collection: 'messages',
      ...(where && { where }),
    })
    expect(requests).toBeLessThan(4)
    const keys = chunks.flatMap(({ up }) => up.map(([key]) => key))
    expect(keys).toEqual(
      Array.from({ length: 1000 }, (_, i) => `${i > 300 ? '\uFFFD' : ''}m${`${i}`.padStart(5, '0')}`),
    )
  }
})

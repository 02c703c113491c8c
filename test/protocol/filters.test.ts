import type { NextFrame, Position, Predicate, SubscriptionSpec } from '@durable-sync/core/wire'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createWorld, type World } from '../support/world.ts'
import { CID, declared, insert, mutate, remove, sample, update } from './items.ts'
import { ascending, descending, first, roomOf, Viewer } from './viewer.ts'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.stop())

const done: Predicate = { op: 'eq', column: 't', value: 'done' }
const open: Predicate = { op: 'eq', column: 't', value: 'open' }
const write = (room: string, ...statements: string[]) => world.control(room, 'write', { statements })
const keysOf = (rows: readonly (readonly unknown[])[] | undefined) => rows?.map(([key]) => key)

/** Membership in everything that can bring a row: a snapshot, a change, a resume and a catch-up. */
async function everyWay(room: string, where: Predicate, statements: readonly string[]): Promise<string[]> {
  const viewer = await Viewer.open(world, room, [{ collection: 'samples', where }])
  await write(room, ...statements)
  await viewer.pass()
  await viewer.expectEqual()
  const keys = viewer.keys()
  const snapshot = await Viewer.open(world, room, [{ collection: 'samples', where }], { name: 'snapshot' })
  expect(snapshot.keys(), 'of a snapshot').toEqual(keys)
  const since = viewer.at as Position
  await viewer.client.close()
  await write(room, `UPDATE samples SET r = 7`)
  expect((await viewer.resume()).from).toBe(since)
  await viewer.expectEqual()
  expect(viewer.keys(), 'of a resume').toEqual(keys)
  viewer.client.send({ type: 'leave', sub: 1 })
  const before = viewer.at as Position
  await write(room, `UPDATE samples SET r = 8`)
  const { end } = await viewer.join(1, before)
  expect(end.replace).toBe(false)
  await viewer.expectEqual()
  expect(viewer.keys(), 'of a catch-up').toEqual(keys)
  return keys
}

test('the negation of an equality leaves rows without a value out, however they arrive [E1, E3]', async () => {
  const keys = await everyWay('not', { op: 'not', of: done }, [
    `INSERT INTO samples (id, t) VALUES ('a', 'done'), ('b', 'open'), ('c', NULL), ('d', '')`,
  ])
  expect(keys).toEqual(['b', 'd'])
})

test('a list of nothing matches nothing, and one of five hundred values what it names [E3]', async () => {
  const rows = Array.from({ length: 20 }, (_, i) => `('${i}', 'v${i}')`).join(', ')
  const statements = [`INSERT INTO samples (id, t) VALUES ${rows}, ('none', NULL)`]
  expect(await everyWay('in-nothing', { op: 'in', column: 't', values: [] }, statements)).toEqual([])
  const values = Array.from({ length: 500 }, (_, i) => `v${i + 10}`)
  expect(await everyWay('in-many', { op: 'in', column: 't', values }, statements)).toHaveLength(10)
})

test('what a pattern and a comparison match does not depend on the way a row arrives [E1, E2]', async () => {
  const statements = [
    `INSERT INTO samples (id, t, i, n) VALUES ('a', 'hello you', 5, 5), ('b', 'HELLO', 9, '5x'), ('c', 'hell', -1, NULL),
       ('d', '10', 10, 10.5), ('e', 'hello%', 9007199254740993, 'hello')`,
  ]
  const like = (op: 'like' | 'ilike', value: string): Predicate => ({ op, column: 't', value })
  expect(await everyWay('like', like('like', 'hello%'), statements)).toEqual(['a', 'e'])
  expect(await everyWay('ilike', like('ilike', '%ell_'), statements)).toEqual(['b'])
  expect(await everyWay('gt', { op: 'gt', column: 'i', value: 5 }, statements)).toEqual(['b', 'd', 'e'])
  expect(await everyWay('mixed', { op: 'gte', column: 'n', value: 5 }, statements)).toEqual(['a', 'd'])
})

test('a row edited out of a filter leaves, and edited back it is there with every column [C17, E6, R8]', async () => {
  const viewer = await Viewer.open(world, 'moves', [{ collection: 'samples', where: open }], declared)
  const say = async (n: number, ...ops: Parameters<typeof mutate>[1][]) => {
    viewer.client.push(mutate(n, ...ops))
    const pass = await viewer.pass()
    expect(pass.settled).toEqual([{ cid: CID, n, outcome: { is: 'committed' } }])
    await viewer.expectEqual()
    return pass.frames[0]?.tables.samples
  }
  await say(1, insert('samples', 'a', { t: 'open', i: 1, r: 2.5 }))
  expect(viewer.keys()).toEqual(['a'])
  const out = await say(2, update('samples', 'a', { t: 'done' }))
  expect(out).toMatchObject({ up: [], del: ['a'] })
  expect(viewer.keys()).toEqual([])
  const back = await say(3, update('samples', 'a', { t: 'open' }))
  expect(back).toMatchObject({ up: [['a', 'open', 1, 2.5, null, null]], del: [] })
  expect(viewer.row('a')).toEqual(['a', 'open', 1, 2.5, null, null])
  await say(4, remove('samples', 'a'))
  expect(viewer.keys()).toEqual([])
})

test('what came, went, and moved in and out of a filter meanwhile arrives in one pass without a snapshot [B5, R3, R8]', async () => {
  const viewer = await Viewer.open(world, 'away', [
    { collection: 'samples', where: open },
    { collection: 'samples', where: done },
    { collection: 'tasks', where: { op: 'eq', column: 'category', value: 'x' } },
  ])
  await write(
    'away',
    `INSERT INTO samples (id, t) VALUES ('stays', 'open'), ('goes', 'open'), ('moves', 'open'), ('comes', 'other'), ('never', 'other')`,
    `INSERT INTO tasks (id, category) VALUES ('t1', 'x'), ('t2', 'y')`,
  )
  await viewer.pass()
  await viewer.client.close()
  await write(
    'away',
    `UPDATE samples SET t = 'done' WHERE id = 'moves'`,
    `UPDATE samples SET t = 'open' WHERE id = 'comes'`,
    `UPDATE samples SET i = 1 WHERE id = 'never'`,
    `DELETE FROM samples WHERE id = 'goes'`,
    `INSERT INTO samples (id, t) VALUES ('new', 'open'), ('other', 'other')`,
    `UPDATE tasks SET category = 'y' WHERE id = 't1'`,
  )
  const { frames } = await viewer.resume()
  expect(viewer.welcome.subs.map(({ is }) => is)).toEqual(['resume', 'resume', 'resume'])
  expect(keysOf(frames[0]?.tables.samples?.up)?.toSorted()).toEqual(['comes', 'moves', 'new'])
  await viewer.expectEqual()
  expect(viewer.keys(1)).toEqual(['comes', 'new', 'stays'])
  expect(viewer.keys(2)).toEqual(['moves'])
  expect(viewer.keys(3)).toEqual([])
})

test('rows that change while a filtered join is read in pieces are right at its end [B4, R4]', async () => {
  await world.sql(
    'pieces',
    `WITH RECURSIVE c (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM c WHERE i + 1 < 2400)
     INSERT INTO samples (id, t, b) SELECT printf('s%05d', i), iif(i % 2, 'open', 'done'), substr(replace(hex(zeroblob(5000)), '0', 'x'), 1, 5000) FROM c`,
  )
  const viewer = await Viewer.open(world, 'pieces', [])
  const chunks = []
  viewer.client.send({ type: 'join', sub: 1, join: 1, collection: 'samples', where: open })
  let frame = await viewer.client.take()
  for (; frame.type === 'chunk'; frame = await viewer.client.take()) chunks.push(frame)
  if (frame.type !== 'next') throw new Error(`the first answer ended in ${frame.type}`)
  await write(
    'pieces',
    `UPDATE samples SET t = 'done' WHERE id IN ('s00001', 's02399')`,
    `UPDATE samples SET t = 'open' WHERE id IN ('s00002', 's02398')`,
    `DELETE FROM samples WHERE id IN ('s00003', 's02397')`,
  )
  const goOn = ({ p0, read, shape, after }: NextFrame) =>
    viewer.client.send({
      type: 'join',
      sub: 1,
      join: 1,
      collection: 'samples',
      where: open,
      p0,
      read,
      shape,
      after,
    })
  goOn(frame)
  for (;;) {
    const next = await viewer.client.take()
    if (next.type === 'chunk') chunks.push(next)
    if (next.type === 'next') goOn(next)
    if (next.type === 'joined') break
  }
  const keys = new Set<unknown>()
  for (const { up, del } of chunks) {
    for (const [key] of up) keys.add(key)
    for (const key of del) keys.delete(key)
  }
  const stored = (await world.rows('pieces', 'samples')).filter(({ t }) => t === 'open').map(({ id }) => id)
  expect([...keys].sort()).toEqual(stored)
})

test('a row that several filters of a socket show travels once, and one that moves between them is no removal [R3]', async () => {
  const low: Predicate = { op: 'lt', column: 'i', value: 10 }
  const viewer = await Viewer.open(
    world,
    'several',
    [open, done, low].map((where) => ({ collection: 'samples', where })),
  )
  await write('several', `INSERT INTO samples (id, t, i) VALUES ('a', 'open', 1)`)
  expect((await viewer.pass()).frames[0]?.tables.samples).toMatchObject({
    up: [['a', 'open', 1, null, null, null]],
  })
  await write('several', `UPDATE samples SET t = 'done', i = 99`)
  const moved = (await viewer.pass()).frames[0]?.tables.samples
  expect(moved).toMatchObject({ up: [['a', 'done', 99, null, null, null]], del: [] })
  await viewer.expectEqual()
  expect([1, 2, 3].map((sub) => viewer.keys(sub))).toEqual([[], ['a'], []])
  viewer.client.send({ type: 'leave', sub: 2 })
  await write('several', `UPDATE samples SET r = 1`)
  expect((await viewer.pass()).frames[0]?.tables.samples).toMatchObject({ up: [], del: ['a'] })
})

const REFUSED: readonly (readonly [what: string, code: string, spec: SubscriptionSpec])[] = [
  [
    'a column that is not there',
    'unknown-column',
    { collection: 'samples', where: { op: 'eq', column: 'x', value: 1 } },
  ],
  [
    'a column that is not there, where it could not matter',
    'unknown-column',
    {
      collection: 'samples',
      where: { op: 'or', of: [{ op: 'always' }, { op: 'isNull', column: 'meta.deep' }] },
    },
  ],
  [
    'a number as a bound of text',
    'predicate-unsupported',
    { collection: 'samples', where: { op: 'gt', column: 't', value: 5 } },
  ],
  [
    'an order of JSON documents',
    'predicate-unsupported',
    { collection: 'todos', where: { op: 'lt', column: 'meta', value: 'x' } },
  ],
  [
    'a filter of more than 32 KB',
    'predicate-unsupported',
    { collection: 'samples', where: { op: 'eq', column: 't', value: 'x'.repeat(33_000) } },
  ],
  [
    'text in the order of a language',
    'order-unsupported',
    { collection: 'samples', window: first(5, { ...ascending('t'), text: 'locale' }) },
  ],
  [
    'an order by JSON documents',
    'order-unsupported',
    { collection: 'todos', window: first(5, descending('meta')) },
  ],
  [
    'an order by a column that is not there',
    'unknown-column',
    { collection: 'samples', window: first(5, ascending('x')) },
  ],
  ['a collection that is not there', 'unknown-collection', { collection: 'nothing', where: open }],
]

test.each(REFUSED)(
  '%s is refused at a join and at a hello, and others are live [E4, E5, R8]',
  async (what, code, spec) => {
    const room = roomOf(`refused ${what}`)
    const viewer = await Viewer.open(world, room, [{ collection: 'samples', where: open }])
    viewer.client.send({ type: 'join', sub: 2, join: 77, ...spec })
    expect(await viewer.client.next('refused')).toMatchObject({ re: 'join', join: 77, code })
    await write(room, `INSERT INTO samples (id, t) VALUES ('a', 'open')`)
    await viewer.pass()
    await viewer.expectEqual()
    await viewer.resume({
      subs: [...viewer.hello.subs, { id: 2, joined: true, shape: 'x', boundary: null, ...spec }],
    })
    expect(viewer.welcome.subs).toMatchObject([
      { id: 1, is: 'resume' },
      { id: 2, is: 'refused', code },
    ])
    await write(room, `UPDATE samples SET i = 5`)
    await viewer.pass()
    await viewer.expectEqual()
  },
)

test('a filter that is nested too deeply is answered with a code, and others are live [E4]', async () => {
  const viewer = await Viewer.open(world, 'deep', [{ collection: 'samples', where: open }])
  let where: Predicate = open
  for (let i = 0; i < 80; i++) where = { op: 'not', of: where }
  viewer.client.send({ type: 'join', sub: 2, join: 9, collection: 'samples', where })
  expect(await viewer.client.next('refused')).toMatchObject({ re: 'frame', code: 'frame-invalid' })
  await write('deep', `INSERT INTO samples (id, t) VALUES ('a', 'open')`)
  await viewer.pass()
  await viewer.expectEqual()
})

test('filters count as subscriptions, and the one too many is refused [E4, R28]', async () => {
  await world.control('many', 'register', { limits: { subscriptions: 3 } })
  const viewer = await Viewer.open(
    world,
    'many',
    [open, done, { op: 'isNull', column: 't' } as const].map((where) => ({ collection: 'samples', where })),
  )
  viewer.client.send({ type: 'join', sub: 4, join: 9, collection: 'samples', where: open })
  expect(await viewer.client.next('refused')).toMatchObject({ join: 9, code: 'too-many-subscriptions' })
})

test('filters that no hello could name again are refused, however few they are [E4, R28]', async () => {
  const viewer = await Viewer.open(world, 'long', [])
  const join = async (sub: number, characters: number) => {
    const where: Predicate = { op: 'eq', column: 't', value: `${sub}`.padEnd(characters, 'x') }
    viewer.client.send({ type: 'join', sub, join: sub, collection: 'samples', where })
    const frame = await viewer.client.take()
    return frame.type === 'refused' ? frame.code : frame.type
  }
  for (let sub = 1; sub <= 8; sub++) expect(await join(sub, 32_000)).toBe('joined')
  expect(await join(9, 32_000)).toBe('too-many-subscriptions')
  // One that takes the place of another counts once.
  expect(await join(8, 32_000)).toBe('joined')
  expect(await join(9, 1000)).toBe('joined')
})

test('a sleeping socket with filters gets the next write, and only what it shows [H1, R2]', async () => {
  const viewer = await Viewer.open(
    world,
    'asleep',
    [
      { collection: 'samples', where: open },
      { collection: 'tasks', where: { op: 'gt', column: 'votes', value: 3 } },
    ],
    declared,
  )
  await world.evict('asleep')
  await write(
    'asleep',
    `INSERT INTO samples (id, t) VALUES ('a', 'open'), ('b', 'done')`,
    `INSERT INTO tasks (id, votes) VALUES ('c', 9), ('d', 1)`,
  )
  const { samples, tasks } = (await viewer.pass()).frames[0]?.tables ?? {}
  expect([keysOf(samples?.up), keysOf(tasks?.up)]).toEqual([['a'], ['c']])
  await world.evict('asleep')
  viewer.client.push(sample(1, 'z', { t: 'open' }))
  await viewer.pass()
  await viewer.expectEqual()
})

test('a filter that cannot be compiled after a wake is refused, and others are live [H2]', async () => {
  const viewer = await Viewer.open(world, 'dropped', [
    { collection: 'tasks', where: { op: 'eq', column: 'title', value: 'x' } },
    { collection: 'samples', where: open },
  ])
  await world.storageSql('dropped', 'ALTER TABLE tasks DROP COLUMN title')
  await world.evict('dropped')
  await write('dropped', `INSERT INTO samples (id, t) VALUES ('a', 'open')`)
  expect(await viewer.client.next('refused')).toMatchObject({
    re: 'subscription',
    sub: 1,
    code: 'unknown-column',
  })
  expect(keysOf((await viewer.pass()).frames[0]?.tables.samples?.up)).toEqual(['a'])
  await world.evict('dropped')
  await write(
    'dropped',
    `INSERT INTO samples (id, t) VALUES ('b', 'open')`,
    `INSERT INTO tasks (id) VALUES ('t')`,
  )
  expect(Object.keys((await viewer.pass()).frames[0]?.tables ?? {})).toEqual(['samples'])
})

test('rows are held under their filter: a hello that names another one starts over [R8]', async () => {
  const viewer = await Viewer.open(world, 'shape', [{ collection: 'samples', where: open }])
  const [sub] = viewer.hello.subs
  if (!sub) throw new Error('a subscription was expected')
  await viewer.resume({ subs: [sub, { ...sub, id: 2, where: done }] })
  expect(viewer.welcome.subs).toEqual([
    { id: 1, is: 'resume' },
    { id: 2, is: 'restart', reason: 'shape' },
  ])
  // The same in other words is the same.
  await viewer.resume({ subs: [{ ...sub, where: { op: 'and', of: [open, { op: 'always' }, open] } }] })
  expect(viewer.welcome.subs).toEqual([{ id: 1, is: 'resume' }])
})

import type { Predicate } from '@durable-sync/core/wire'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '../support/deadline.ts'
import type { RawClient } from '../support/raw-client.ts'
import { createWorld, type World } from '../support/world.ts'
import { ascending, descending, first, roomOf, type View, Viewer } from './viewer.ts'
import { WIDE_CLAIMS } from './wide-claims.ts'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.stop())

const write = (room: string, ...statements: string[]) => world.control(room, 'write', { statements })
const category = (value: string): Predicate => ({ op: 'eq', column: 'category', value })
const tasks = (where: Predicate): View => ({ collection: 'tasks', where })

/** What the flushes of a room were, in order. */
const flushes = async (room: string) =>
  (await world.control(room, 'events', {})).filter((event) => event.type === 'flushed')

const watch = (room: string, count: number, views: (i: number) => readonly View[]) =>
  Promise.all(
    Array.from({ length: count }, (_, i) => Viewer.open(world, room, views(i), { name: `viewer ${i}` })),
  )

const fill = (room: string, count: number, votes = 'i', categories = 100) =>
  world.storageSql(
    room,
    `WITH RECURSIVE c (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM c WHERE i + 1 < ${count})
     INSERT INTO tasks (id, votes, title, category) SELECT printf('t%06d', i), ${votes}, 'x', 'c' || (i % ${categories}) FROM c`,
  )

const cost = async (room: string, act: () => Promise<unknown>) => {
  await world.resetCounts(room)
  await act()
  return world.stats(room)
}

test('a change is matched once with each distinct filter, however many sockets show it [R26]', async () => {
  const names = ['a', 'b', 'c']
  const viewers = await watch('matched', 21, (i) => [
    tasks(category(names[i % 3] ?? '')),
    // The same in other words.
    tasks({ op: 'and', of: [{ op: 'always' }, category(names[i % 3] ?? '')] }),
  ])
  const before = (await flushes('matched')).length
  await world.resetCounts('matched')
  await write(
    'matched',
    `INSERT INTO tasks (id, category) VALUES ('1', 'a'), ('2', 'b'), ('3', 'x'), ('4', 'a')`,
  )
  for (const viewer of viewers) {
    await viewer.pass()
    await viewer.expectEqual()
  }
  const [flush, ...more] = (await flushes('matched')).slice(before)
  expect(flush).toMatchObject({ rows: 4, matched: 4 * 3, sockets: 21 })
  expect(more).toEqual([])
})

test('windows of one filter are matched once, wherever each of them ends [R19, R26]', async () => {
  await fill('ends', 100)
  const viewers = await watch('ends', 10, (i) => [
    { collection: 'tasks', window: first(5 + i, ascending('votes')) },
  ])
  const before = (await flushes('ends')).length
  await write('ends', `UPDATE tasks SET title = 'y' WHERE votes < 20`)
  for (const viewer of viewers) {
    await viewer.pass()
    await viewer.expectEqual()
  }
  expect((await flushes('ends')).slice(before)).toMatchObject([{ rows: 20, matched: 20, sockets: 10 }])
})

test('sockets that show the same filters get the same text, byte for byte [R26]', async () => {
  const proxy = await world.frameProxy()
  const clients: RawClient[] = []
  for (let i = 0; i < 4; i++) {
    const client = await world.connectTo(world.url('text', { userId: 'alice' }, proxy.port))
    await client.enter({ client: `client ${i}` })
    // In another order under other numbers.
    const wheres = i % 2 === 0 ? [category('a'), category('b')] : [category('b'), category('a')]
    for (const [k, where] of wheres.entries())
      await client.join({ sub: 10 * i + k, collection: 'tasks', where })
    clients.push(client)
  }
  await write('text', `INSERT INTO tasks (id, category) VALUES ('1', 'a'), ('2', 'b'), ('3', 'c')`)
  for (const client of clients) await client.pass()
  const texts = await Promise.all(
    clients.map(
      async (_, i) => (await proxy.link(i)).conversation.findLast(({ from }) => from === 'server')?.text,
    ),
  )
  expect(new Set(texts).size).toBe(1)
  expect(texts[0]).toContain('"del":["3"]')
})

test('who shows a whole table has its rows without any being looked at [R26]', async () => {
  const viewers = await watch('whole', 3, () => [{ collection: 'tasks' }, tasks(category('a'))])
  const before = (await flushes('whole')).length
  await write('whole', `INSERT INTO tasks (id, category) VALUES ('1', 'a'), ('2', 'b')`)
  for (const viewer of viewers) await viewer.pass()
  expect((await flushes('whole')).slice(before)).toMatchObject([{ rows: 2, matched: 0 }])
})

test('a filter that the author has an index for reads the rows that it names, with that index', async () => {
  await fill('index', 20_000)
  const viewer = await Viewer.open(world, 'index', [])
  const join = (sub: number, where: Predicate) => viewer.client.join({ sub, collection: 'tasks', where })
  const ranges: readonly Predicate[] = [
    category('c7'),
    { op: 'in', column: 'category', values: ['c8', 'c9'] },
    {
      op: 'and',
      of: [
        { op: 'gte', column: 'votes', value: 100 },
        { op: 'lt', column: 'votes', value: 300 },
      ],
    },
  ]
  for (const [i, where] of ranges.entries()) {
    let rows = 0
    const { rowsRead } = await cost('index', async () => {
      const { chunks } = await join(i + 1, where)
      rows = chunks.flatMap(({ up }) => up).length
    })
    expect(rows).toBe(i === 0 ? 200 : i === 1 ? 400 : 200)
    expect(rowsRead, JSON.stringify(where)).toBeLessThan(rows * 2 + 100)
    const plans = (await world.control('index', 'plans', { table: 'tasks' })).map(({ plan }) =>
      plan.join('; '),
    )
    expect(plans.length).toBeGreaterThan(0)
    for (const plan of plans) expect(plan).toMatch(i === 2 ? /INDEX tasks_votes/ : /INDEX tasks_category/)
  }
})

test('a join of fifty of a hundred thousand rows, and each page after it, reads fewer than 200 rows [R19]', async () => {
  await fill('deep', 100_000)
  const viewer = await Viewer.open(world, 'deep', [])
  await viewer.client.close()
  for (const order of [ascending('votes'), descending('votes')]) {
    let opened: Viewer | undefined
    const view = { collection: 'tasks', window: first(50, order) }
    const join = await cost('deep', async () => {
      opened = await Viewer.open(world, 'deep', [view], { name: `${order.descending}` })
    })
    expect(opened?.keys()).toHaveLength(50)
    expect(join.rowsRead).toBeLessThan(200)
    const joined = JSON.stringify(opened?.client.received)
    expect(joined.length).toBeLessThan(20_000)
    const page = await cost('deep', async () => await opened?.page(1, 50))
    expect(opened?.keys()).toHaveLength(100)
    expect(page.rowsRead).toBeLessThan(200)
    console.log('rows read', { join: join.rowsRead, page: page.rowsRead, bytes: joined.length })
  }
})

test('ten thousand rows that share a value do not make a page dearer [R19]', async () => {
  await fill('ties', 10_000, '7')
  for (const order of [ascending('votes'), descending('votes')]) {
    const viewer = await Viewer.open(world, 'ties', [{ collection: 'tasks', window: first(50, order) }], {
      name: `${order.descending}`,
    })
    for (let i = 0; i < 3; i++)
      expect((await cost('ties', () => viewer.page(1, 50))).rowsRead).toBeLessThan(200)
    expect(viewer.keys().slice(-1)).toEqual(['t000199'])
  }
})

test.each([
  ['neither shrinking a window nor growing it writes a row', { userId: 'alice' }, 0],
  ['growing a window for which its socket has no room writes a row, shrinking it none', WIDE_CLAIMS, 1],
])('%s [R19, R25]', async (what, claims, rows) => {
  const room = roomOf(what)
  await fill(room, 500)
  const view = { collection: 'tasks', window: first(50, ascending('votes')) }
  const viewer = await Viewer.open(world, room, [view], { claims })
  await write(room, `INSERT INTO tasks (id, votes) VALUES ('warm', 1)`)
  await viewer.pass()
  const narrowed = await cost(room, async () => {
    viewer.narrow(1, 20)
    viewer.client.send({ type: 'page', request: 99, sub: 7, after: [1, 'x'], limit: 1 })
    await viewer.client.next('refused')
  })
  expect(narrowed.rowsWritten, JSON.stringify(narrowed.byStatement)).toBe(0)
  const grown = await cost(room, () => viewer.page(1, 20))
  expect(grown.rowsWritten, JSON.stringify(grown.byStatement)).toBe(rows)
})

test('a hundred changes outside a window and one inside are one frame, with one row [R19, R26]', async () => {
  await fill('outside', 1000)
  const [viewer] = await watch('outside', 1, () => [
    { collection: 'tasks', window: first(10, ascending('votes')) },
  ])
  await write('outside', `UPDATE tasks SET title = 'y' WHERE votes BETWEEN 500 AND 599 OR votes = 3`)
  const { frames } = (await viewer?.pass()) ?? {}
  expect(frames).toHaveLength(1)
  expect(frames?.[0]?.tables.tasks?.up).toHaveLength(1)
  await eventually(
    () => flushes('outside'),
    (all) => all.at(-1)?.rows === 101,
    'the flush',
  )
})

test('a window without an index reads the table once, and not again for every few rows', async () => {
  const room = 'unindexed'
  await world.storageSql(
    room,
    `WITH RECURSIVE c (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM c WHERE i + 1 < 5000)
     INSERT INTO samples (id, r) SELECT printf('s%06d', i), i % 1000 FROM c`,
  )
  // The object has seen what was written.
  await Viewer.open(world, room, [{ collection: 'notes' }], { name: 'first' })
  const window = first(300, descending('r'))
  const { rowsRead } = await cost(room, () => Viewer.open(world, room, [{ collection: 'samples', window }]))
  expect(rowsRead).toBeGreaterThan(5000)
  expect(rowsRead).toBeLessThan(4 * 5000)
})

test('a filter that finds little in a large table leaves room for others while it looks', async () => {
  const room = 'looking'
  for (const part of [1, 2])
    await world.storageSql(
      room,
      `WITH RECURSIVE c (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM c WHERE i + 1 < 6000)
       INSERT INTO tasks (id, title) SELECT printf('t${part}%06d', i), replace(hex(zeroblob(1000)), '0', 'x') FROM c`,
    )
  const looking = await world.connect(room)
  await looking.enter()
  const order: string[] = []
  const where: Predicate = { op: 'ilike', column: 'title', value: '%needle%' }
  looking.send({ type: 'join', sub: 1, join: 1, collection: 'tasks', where })
  looking.send({ type: 'join', sub: 2, join: 2, collection: 'notes' })
  while (order.length < 2) {
    const frame = await looking.take()
    if (frame.type === 'joined') order.push(`joined ${frame.join}`)
  }
  // The larger one was asked for first.
  expect(order).toEqual(['joined 2', 'joined 1'])
})

import type { OrderTerm, Position } from '@durable-sync/core/wire'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createWorld, type World } from '../support/world.ts'
import { ascending, descending, first, roomOf, Viewer } from './viewer.ts'
import { WIDE_CLAIMS } from './wide-claims.ts'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.stop())

const write = (room: string, ...statements: string[]) => world.control(room, 'write', { statements })
const top = (limit: number, ...order: OrderTerm[]) => ({
  collection: 'tasks',
  window: first(limit, ...order),
})

/** `count` tasks `t000`… with as many votes as their number. */
const fill = (room: string, count: number, votes = 'i') =>
  world.sql(
    room,
    `WITH RECURSIVE c (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM c WHERE i + 1 < ${count})
     INSERT INTO tasks (id, votes, title, category) SELECT printf('t%03d', i), ${votes}, 'x', iif(i % 2, 'odd', 'even') FROM c`,
  )

const ORDERS: readonly (readonly [string, OrderTerm, readonly string[]])[] = [
  ['ascending, nulls first', ascending('votes'), ['n1', 'n2', 'a', 'b']],
  ['ascending, nulls last', { ...ascending('votes'), nulls: 'last' }, ['a', 'b', 'c', 'd']],
  ['descending, nulls first', descending('votes'), ['n1', 'n2', 'd', 'c']],
  ['descending, nulls last', { ...descending('votes'), nulls: 'last' }, ['d', 'c', 'b', 'a']],
]

test.each(ORDERS)(
  'a window %s has the first rows of its order, and stays so [E7, R19]',
  async (name, order, keys) => {
    const room = roomOf(`order ${name}`)
    await write(
      room,
      `INSERT INTO tasks (id, votes) VALUES ('c', 3), ('n2', NULL), ('a', 1), ('n1', NULL), ('d', 4), ('b', 2)`,
    )
    const viewer = await Viewer.open(world, room, [top(4, order)])
    expect(viewer.keys()).toEqual(keys)
    expect(viewer.boundary()).toEqual([keys[3]?.startsWith('n') ? null : expect.any(Number), keys[3]])
    // A row that comes in at the top, one that comes in beyond the end, one of the window that goes beyond it.
    const beyond = order.descending ? -10 : 10
    await write(
      room,
      `INSERT INTO tasks (id, votes) VALUES ('top', ${-beyond}), ('low', ${beyond})`,
      `UPDATE tasks SET votes = ${beyond} WHERE id = '${keys[2]}'`,
    )
    await viewer.pass()
    await viewer.expectEqual()
    expect(viewer.keys()).toEqual(
      [...keys.filter((_, i) => i !== 2), 'top'].toSorted((a, b) => place(a) - place(b)),
    )
    function place(key: string): number {
      if (key.startsWith('n')) return order.nulls === 'first' ? -100 : 100
      const votes = key === 'top' ? -beyond : ' abcd'.indexOf(key)
      return order.descending ? -votes : votes
    }
  },
)

test('of more ties than the limit those with the smallest keys are in the window, in either direction [E8, R19]', async () => {
  await fill('ties', 300, '7')
  await write('ties', `INSERT INTO tasks (id, votes) VALUES ('😀', 7), ('\uE000', 7), ('Z', 7)`)
  for (const order of [ascending('votes'), descending('votes')]) {
    const viewer = await Viewer.open(world, 'ties', [top(5, order)], { name: `${order.descending}` })
    expect(viewer.keys()).toEqual(['Z', 't000', 't001', 't002', 't003'])
    await viewer.page(1, 294)
    expect(viewer.keys()).toHaveLength(299)
    await viewer.page(1, 10)
    expect(viewer.keys().slice(-3)).toEqual(['t299', '\uE000', '😀'])
    expect(viewer.boundary()).toBeNull()
  }
})

test('a window without an order has the smallest keys, by code point [E10, R15]', async () => {
  await write(
    'keys',
    `INSERT INTO tasks (id, votes) VALUES ('b', 1), ('B', 2), ('😀', 3), ('a', 4), ('\uE000', 5)`,
  )
  const viewer = await Viewer.open(world, 'keys', [top(4)])
  expect(viewer.keys()).toEqual(['B', 'a', 'b', '\uE000'])
  await viewer.page(1, 4)
  expect(viewer.keys()).toEqual(['B', 'a', 'b', '\uE000', '😀'])
})

test('a window is joined in one answer that ends where the rows were read [R4, R19]', async () => {
  await fill('one', 30)
  const viewer = await Viewer.open(world, 'one', [])
  await write('one', `UPDATE tasks SET votes = 99 WHERE id = 't000'`)
  const { end, requests, chunks, passes } = await viewer.client.join({
    sub: 1,
    collection: 'tasks',
    window: first(3, descending('votes')),
  })
  expect(requests).toBe(1)
  expect(chunks.flatMap(({ up }) => up.map(([key]) => key))).toEqual(['t000', 't029', 't028'])
  expect(end).toMatchObject({ replace: true, boundary: [28, 't028'], key: 'id' })
  expect(end.at).toBe(passes.at(-1)?.to)
})

test('a window that has every row of its filter has no end, and every further row is in it [R19]', async () => {
  await fill('all', 4)
  const viewer = await Viewer.open(world, 'all', [top(4, ascending('votes')), top(5, ascending('votes'))])
  expect([viewer.boundary(1), viewer.boundary(2)]).toEqual([null, null])
  await write('all', `INSERT INTO tasks (id, votes) VALUES ('last', 1000)`)
  await viewer.pass()
  expect(viewer.keys(1)).toEqual(['t000', 't001', 't002', 't003', 'last'])
})

test('a page brings the next rows of the filter, and the window is live up to their end [E11, R19]', async () => {
  await fill('page', 100)
  const where = { op: 'eq', column: 'category', value: 'even' } as const
  const viewer = await Viewer.open(world, 'page', [{ ...top(3, descending('votes')), where }])
  expect(viewer.keys()).toEqual(['t098', 't096', 't094'])
  // Between the client's question and the answer: a delete below, one above, a row that comes in between.
  await write(
    'page',
    `DELETE FROM tasks WHERE id IN ('t092', 't096')`,
    `INSERT INTO tasks (id, votes, category) VALUES ('between', 93, 'even'), ('odd', 93, 'odd')`,
  )
  const page = await viewer.page(1, 3)
  expect(page.up.map(([key]) => key)).toEqual(['between', 't090', 't088'])
  expect(page.boundary).toEqual([88, 't088'])
  expect(viewer.keys()).toEqual(['t098', 't094', 'between', 't090', 't088'])
  await write(
    'page',
    `UPDATE tasks SET votes = 89 WHERE id = 't010'`,
    `UPDATE tasks SET votes = 87 WHERE id = 't094'`,
  )
  await viewer.pass()
  expect(viewer.keys()).toEqual(['t098', 'between', 't090', 't010', 't088'])
  await viewer.expectEqual()
})

test('a page is answered at the position of its socket: changes come first [R3, R19]', async () => {
  await fill('position', 20)
  const viewer = await Viewer.open(world, 'position', [top(2, ascending('votes'))])
  // Not announced by anybody yet.
  await world.storageSql('position', `INSERT INTO tasks (id, votes) VALUES ('new', 2)`)
  viewer.client.send({ type: 'page', request: 1, sub: 1, after: [1, 't001'], limit: 2 })
  const { frames } = await viewer.pass()
  expect(frames[0]?.tables.tasks).toMatchObject({ up: [], del: ['new'] })
  expect((await viewer.client.next('page')).up.map(([key]) => key)).toEqual(['new', 't002'])
})

test('an offset far below is one page, bounded in rows, and one far below that is several [E12, R19]', async () => {
  await fill('far', 1999)
  await write('far', `INSERT INTO tasks (id, votes) VALUES ('deep', 5000), ('deeper', 5001)`)
  const viewer = await Viewer.open(world, 'far', [top(2, ascending('votes')), top(50, descending('votes'))])
  const page = await viewer.page(1, 500)
  expect(page.up).toHaveLength(500)
  expect(viewer.keys(1)).toHaveLength(502)
  expect(viewer.keys(2)).toHaveLength(50)
  expect((await viewer.page(1, 1_000_000)).up).toHaveLength(1000)
  expect((await viewer.page(1, 1_000_000)).up).toHaveLength(499)
  expect(viewer.boundary(1)).toBeNull()
  await viewer.expectEqual()
})

test('what does not fit into one answer is left for pages, and the boundary says so [R4, R19]', async () => {
  await world.sql(
    'large',
    `WITH RECURSIVE c (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM c WHERE i + 1 < 60)
     INSERT INTO tasks (id, votes, title) SELECT printf('t%03d', i), i, replace(hex(zeroblob(50000)), '0', 'x') FROM c`,
  )
  const viewer = await Viewer.open(world, 'large', [top(60, ascending('votes'))])
  const joined = viewer.keys().length
  expect(joined).toBeGreaterThan(35)
  expect(joined).toBeLessThan(45)
  expect(viewer.boundary()).toEqual([joined - 1, `t0${joined - 1}`])
  // Two megabytes are on their way: a page waits until they have arrived.
  viewer.client.send({ type: 'ack', bytes: Number.MAX_SAFE_INTEGER })
  const { up } = await viewer.page(1, 60)
  expect(up.length).toBeGreaterThan(1)
  expect(up.length).toBeLessThan(5)
  while (viewer.boundary() !== null) await viewer.page(1, 60)
  await viewer.expectEqual()
  expect(viewer.keys()).toHaveLength(60)
})

test('a window that has shrunk is not sent what lies beyond [R19]', async () => {
  await fill('narrow', 50)
  const viewer = await Viewer.open(world, 'narrow', [top(20, ascending('votes'))])
  viewer.narrow(1, 5)
  await write('narrow', `UPDATE tasks SET title = 'y' WHERE votes IN (3, 4, 5, 15)`)
  const { frames } = await viewer.pass()
  const { up, del } = frames[0]?.tables.tasks ?? {}
  expect(up?.map(([key]) => key).toSorted()).toEqual(['t003', 't004'])
  expect(del?.toSorted()).toEqual(['t005', 't015'])
  // It cannot be widened that way: the rows between were not sent.
  viewer.client.send({ type: 'narrow', sub: 1, boundary: [30, 't030'] })
  await write('narrow', `UPDATE tasks SET title = 'z' WHERE votes = 10`)
  expect((await viewer.pass()).frames[0]?.tables.tasks).toMatchObject({ up: [], del: ['t010'] })
  await viewer.page(1, 3)
  expect(viewer.keys()).toHaveLength(8)
  await viewer.expectEqual()
})

test('after a wake a window is live up to where it was stored, and its client ignores what it gave back [H1, R2, R19]', async () => {
  await fill('wake', 50)
  const viewer = await Viewer.open(world, 'wake', [top(5, ascending('votes'))])
  await viewer.page(1, 10)
  viewer.narrow(1, 8)
  await world.evict('wake')
  await write('wake', `UPDATE tasks SET title = 'y' WHERE votes IN (7, 12, 20)`)
  const { frames } = await viewer.pass()
  expect(frames[0]?.tables.tasks?.up.map(([key]) => key).toSorted()).toEqual(['t007', 't012'])
  expect(viewer.keys()).toHaveLength(8)
  await viewer.expectEqual()
  await world.evict('wake')
  await viewer.page(1, 4)
  expect(viewer.keys()).toHaveLength(12)
  await world.evict('wake')
  await write('wake', `UPDATE tasks SET title = 'z' WHERE votes IN (11, 12)`)
  expect((await viewer.pass()).frames[0]?.tables.tasks).toMatchObject({
    up: [['t011', 11, 'z', 'odd']],
    del: ['t012'],
  })
})

test('a window resumes from the boundary of its client with what changed inside it [B5, R5, R19]', async () => {
  await fill('resume', 50)
  const viewer = await Viewer.open(world, 'resume', [top(20, ascending('votes'))])
  viewer.narrow(1, 6)
  await viewer.client.close()
  await write(
    'resume',
    `UPDATE tasks SET votes = 100 WHERE id = 't002'`,
    `UPDATE tasks SET votes = -1 WHERE id = 't040'`,
    `UPDATE tasks SET title = 'beyond' WHERE id = 't010'`,
    `DELETE FROM tasks WHERE id = 't003'`,
  )
  const { frames } = await viewer.resume()
  expect(viewer.welcome.subs).toEqual([{ id: 1, is: 'resume' }])
  expect(frames[0]?.tables.tasks?.up.map(([key]) => key)).toEqual(['t040'])
  expect(viewer.keys()).toEqual(['t040', 't000', 't001', 't004', 't005'])
  await viewer.expectEqual()
  await write('resume', `UPDATE tasks SET votes = 2 WHERE id = 't030'`)
  await viewer.pass()
  await viewer.expectEqual()
})

test('a window whose hello does not say where it ends, or in another order, starts over [R5, R8, R19]', async () => {
  await fill('hello', 10)
  const viewer = await Viewer.open(world, 'hello', [top(5, ascending('votes'))])
  const [sub] = viewer.hello.subs
  if (!sub) throw new Error('a subscription was expected')
  const { boundary: _, ...endless } = { boundary: null, ...sub }
  const verdict = async (given: typeof endless & { readonly boundary?: (string | number)[] }) => {
    await viewer.resume({ subs: [given] })
    const [said] = viewer.welcome.subs
    return [said?.is, said?.reason]
  }
  expect(await verdict(endless)).toEqual(['restart', 'requested'])
  expect(await verdict({ ...endless, boundary: [5] })).toEqual(['restart', 'requested'])
  expect(await verdict({ ...endless, boundary: [5, 7] })).toEqual(['restart', 'requested'])
  const others = { ...endless, window: first(5, descending('votes')), boundary: [5, 'x'] }
  expect(await verdict(others)).toEqual(['restart', 'shape'])
  expect(
    await verdict({ ...endless, window: first(500, ascending('votes')), boundary: [4, 't004'] }),
  ).toEqual(['resume', undefined])
})

test('a page of what is no joined window is refused, and so is one from no place of its order [E4, E11]', async () => {
  await fill('bad', 10)
  const viewer = await Viewer.open(world, 'bad', [top(5, ascending('votes')), { collection: 'tasks' }])
  const code = async (sub: number, after: (string | number | null)[]) => {
    viewer.client.send({ type: 'page', request: 5, sub, after, limit: 5 })
    const refused = await viewer.client.next('refused')
    expect(refused).toMatchObject({ re: 'page', request: 5 })
    return refused.code
  }
  expect(await code(9, [1, 'x'])).toBe('unknown-subscription')
  expect(await code(2, [1, 'x'])).toBe('unknown-subscription')
  expect(await code(1, [1])).toBe('frame-invalid')
  expect(await code(1, [])).toBe('frame-invalid')
  expect(await code(1, [1, 2])).toBe('frame-invalid')
  // Every flush compares it, so it may not be long.
  expect(await code(1, ['x'.repeat(5000), 'x'])).toBe('frame-invalid')
  // An application's value is no storage value.
  for (const boundary of [[1], ['x'.repeat(5000), 'x'], [{ date: 5 } as unknown as string, 'x']]) {
    viewer.client.send({ type: 'narrow', sub: 1, boundary })
    expect(await viewer.client.next('refused')).toMatchObject({ re: 'frame', code: 'frame-invalid' })
  }
  viewer.client.send({ type: 'leave', sub: 1 })
  expect(await code(1, [1, 'x'])).toBe('unknown-subscription')
  // One that is gone may still be narrowed by a client that has not heard of it.
  viewer.client.send({ type: 'narrow', sub: 1, boundary: [1, 'x'] })
  await write('bad', `DELETE FROM tasks WHERE id = 't001'`)
  await viewer.pass()
})

test('a window over several columns with ties in each is the answer over all rows [E7, E8]', async () => {
  await fill('columns', 200, 'i % 3')
  const order = [descending('category'), { ...ascending('votes'), nulls: 'last' } as const]
  await write(
    'columns',
    `INSERT INTO tasks (id, category, votes) VALUES ('x', 'odd', NULL), ('y', NULL, 1), ('z', NULL, NULL)`,
  )
  const viewer = await Viewer.open(world, 'columns', [top(10, ...order)])
  while (viewer.boundary() !== null) {
    await viewer.expectEqual()
    await viewer.page(1, 37)
  }
  await viewer.expectEqual()
  expect(viewer.keys()).toHaveLength(203)
  expect(viewer.keys().slice(0, 2)).toEqual(['y', 'z'])
})

test('two windows of one order with different ends are each sent their own [R19]', async () => {
  await fill('two', 50)
  const viewer = await Viewer.open(world, 'two', [top(5, ascending('votes')), top(15, ascending('votes'))])
  await write('two', `UPDATE tasks SET title = 'y' WHERE votes IN (2, 10, 30)`)
  const { frames } = await viewer.pass()
  expect(frames[0]?.tables.tasks?.up.map(([key]) => key).toSorted()).toEqual(['t002', 't010'])
  await viewer.expectEqual()
  const since = viewer.at as Position
  expect(since).toBe(frames[0]?.to)
})

test('a storage that comes back from before a page closes the socket that has the page [H1, R2, R20]', async () => {
  const room = 'page-of-another-moment'
  await fill(room, 60)
  const viewer = await Viewer.open(world, room, [top(5, descending('votes'))], { claims: WIDE_CLAIMS })
  const [before] = await world.storageSql(room, 'SELECT spec FROM _sync_sub')
  await viewer.page(1, 10)
  await world.storageSql(room, `UPDATE _sync_sub SET spec = '${String(before?.spec).replaceAll("'", "''")}'`)
  await world.evict(room)
  // The socket's position is good, and it would not be sent this row: the stored window is shorter than the one that is shown.
  await write(room, `UPDATE tasks SET votes = 52 WHERE id = 't050'`)
  expect(await viewer.client.ended()).toMatchObject({ code: 1012 })
})

test('a window ends at infinite numbers as at any other, in either direction [E7, D8, R19]', async () => {
  const room = 'infinite'
  await write(
    room,
    `INSERT INTO samples (id, r) VALUES ('a', 9e999), ('b', 9e999), ('c', 9e999), ('d', 5), ('e', 4), ('f', NULL), ('g', -9e999), ('h', -9e999)`,
  )
  for (const [order, keys] of [
    [descending('r'), 'fabcdegh'],
    [{ ...descending('r'), nulls: 'last' }, 'abcdeghf'],
    [ascending('r'), 'fghedabc'],
    [{ ...ascending('r'), nulls: 'last' }, 'ghedabcf'],
  ] as const) {
    const view = { collection: 'samples', window: first(2, order) }
    const viewer = await Viewer.open(world, room, [view], { name: keys })
    for (let pages = 0; viewer.boundary() !== null; pages++) {
      expect(viewer.keys().join('')).toBe(keys.slice(0, pages + 2))
      await viewer.page(1, 1)
    }
    expect(viewer.keys().join('')).toBe(keys)
  }
})

test('rows that are ordered by long text are refused, and so is a page of them [E4, I3, R19]', async () => {
  const room = 'long'
  await write(
    room,
    `INSERT INTO tasks (id, title) VALUES ('a', 'a'), ('b', replace(hex(zeroblob(3000)), '0', 'b')), ('c', 'c')`,
  )
  const viewer = await Viewer.open(world, room, [top(1, ascending('title'))])
  viewer.client.send({ type: 'page', request: 3, sub: 1, after: ['a', 'a'], limit: 1 })
  expect(await viewer.client.next('refused')).toMatchObject({
    re: 'page',
    request: 3,
    code: 'order-unsupported',
  })
  viewer.client.send({ type: 'join', sub: 2, join: 8, ...top(2, ascending('title')) })
  expect(await viewer.client.next('refused')).toMatchObject({
    re: 'join',
    join: 8,
    code: 'order-unsupported',
  })
})

test('a window over rows whose keys are no UTF-8 comes to its end, page by page [R15, R19]', async () => {
  await fill('odd', 60, '7')
  await write('odd', `UPDATE tasks SET id = CAST(x'FF' || id AS TEXT) WHERE id > 't009'`)
  for (const order of [[], [ascending('votes')], [descending('votes')]]) {
    const viewer = await Viewer.open(world, 'odd', [top(4, ...order)])
    let pages = 1
    for (; viewer.boundary() !== null; pages++) await viewer.page(1, 4)
    expect(pages).toBe(15)
    expect(viewer.keys()).toHaveLength(60)
    await viewer.expectEqual()
  }
})

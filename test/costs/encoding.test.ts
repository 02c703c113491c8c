import { afterAll, beforeAll, expect, test } from 'vitest'
import { declared, insert, mutate } from '../protocol/items.ts'
import { Watcher } from '../protocol/watcher.ts'
import { eventually } from '../support/deadline.ts'
import type { RawClient } from '../support/raw-client.ts'
import { createWorld, type World } from '../support/world.ts'

const WATCHERS = 20

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.stop())

interface Flush {
  readonly type: 'flushed'
  readonly rows: number
  readonly bytes: number
  readonly sockets: number
}

/** What the flushes of a room were, in order. */
const flushes = async (room: string) =>
  (await world.control(room, 'events', {})).filter((event) => event.type === 'flushed') as unknown as Flush[]

const watch = (room: string, tables: string[], count: number) =>
  Promise.all(
    Array.from({ length: count }, (_, i) => Watcher.open(world, room, tables, { client: `watcher ${i}` })),
  )

test('a change is read and encoded once, however many watch [R26]', async () => {
  const watchers = await watch('once', ['samples', 'todos'], WATCHERS)
  const before = (await flushes('once')).length
  await world.resetCounts('once')
  await world.control('once', 'write', {
    statements: [
      `INSERT INTO samples (id) VALUES ('a'), ('b')`,
      `INSERT INTO todos (id, title) VALUES ('t', '')`,
    ],
  })
  for (const watcher of watchers) await watcher.pass()
  const [flush, ...more] = (await flushes('once')).slice(before)
  expect(flush).toMatchObject({ rows: 3, sockets: WATCHERS })
  expect(more).toEqual([])
  // A row is read where it is, and in the log.
  expect((await world.stats('once')).rowsRead).toBeLessThan(3 * WATCHERS)
})

test('a table is read once also for sockets that show different tables beside it [R26]', async () => {
  const groups = await Promise.all(
    [['samples'], ['samples', 'todos'], ['todos', 'notes']].map((tables, i) =>
      Promise.all([0, 1].map((k) => Watcher.open(world, 'groups', tables, { client: `watcher ${i} ${k}` }))),
    ),
  )
  const before = (await flushes('groups')).length
  await world.control('groups', 'write', {
    statements: [`INSERT INTO samples (id) VALUES ('a')`, `INSERT INTO todos (id, title) VALUES ('t', '')`],
  })
  for (const watcher of groups.flat()) {
    await watcher.pass()
    await watcher.expectEqual()
  }
  expect((await flushes('groups')).slice(before)).toMatchObject([{ rows: 2, sockets: 6 }])
})

test('sockets with the same position and tables get the same text, byte for byte [R26]', async () => {
  const proxy = await world.frameProxy()
  const clients: RawClient[] = []
  for (let i = 0; i < 5; i++) {
    const client = await world.connectTo(world.url('text', { userId: 'alice' }, proxy.port))
    await client.enter({ client: `client ${i}` })
    await client.join({ sub: i, collection: 'samples' })
    clients.push(client)
  }
  await world.sql('text', `INSERT INTO samples (id, t, r, b) VALUES ('a', 'é "\\', 0.1, x'00')`)
  for (const client of clients) await client.pass()
  const texts = await Promise.all(
    clients.map(
      async (_, i) => (await proxy.link(i)).conversation.findLast(({ from }) => from === 'server')?.text,
    ),
  )
  expect(new Set(texts).size).toBe(1)
  expect(texts[0]).toContain('"up":[["a"')
})

test('who wrote gets one receipt more, and the rows in it are not read again [R26]', async () => {
  const [writer, ...others] = await Promise.all(
    Array.from({ length: 3 }, (_, i) =>
      Watcher.open(world, 'writer', ['samples'], { client: `client ${i}`, ...(i === 0 ? declared : {}) }),
    ),
  )
  const before = (await flushes('writer')).length
  await writer?.settle(mutate(1, insert('samples', 'a', {})))
  for (const other of others) await other.pass()
  expect((await flushes('writer')).slice(before)).toMatchObject([{ rows: 1, sockets: 3 }])
})

test('a hundred changes of one row in one turn are one row on the wire [A8, R26]', async () => {
  const [watcher] = await watch('hot', ['samples'], 1)
  await world.sql('hot', `INSERT INTO samples (id, i) VALUES ('hot', 0)`)
  await watcher?.pass()
  const statements = Array.from({ length: 100 }, (_, i) => `UPDATE samples SET i = ${i + 1} WHERE id = 'hot'`)
  await world.control('hot', 'write', { statements })
  expect((await watcher?.pass())?.frames[0]?.tables.samples?.up).toHaveLength(1)
  await watcher?.expectEqual()
  expect((await flushes('hot')).at(-1)).toMatchObject({ rows: 1 })
})

test('what arrives in one tick is one transaction with one frame for each watcher [A8]', async () => {
  const watchers = await watch('burst', ['samples'], 3)
  const writer = await world.connect('burst', { userId: 'bob' })
  await writer.enter({ client: 'writer', ...declared })
  const before = (await flushes('burst')).length
  writer.push(...Array.from({ length: 50 }, (_, i) => mutate(i + 1, insert('samples', `k${i}`, {}))))
  for (const watcher of watchers)
    expect((await watcher.pass()).frames[0]?.tables.samples?.up).toHaveLength(50)
  expect((await flushes('burst')).length - before).toBe(1)
})

test('whoever shows another table is not sent anything, and no row is read for them [R26]', async () => {
  await watch('elsewhere', ['notes'], 5)
  const before = (await flushes('elsewhere')).length
  await world.sql('elsewhere', `INSERT INTO samples (id) VALUES ('a')`)
  await eventually(
    async () =>
      (await world.storageSql('elsewhere', `SELECT count(*) AS n FROM _sync_log WHERE tbl = 'samples'`))[0]
        ?.n,
    (n) => n === 1,
    'the write',
  )
  expect((await flushes('elsewhere')).slice(before)).toEqual([])
})

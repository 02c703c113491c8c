import { existsSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Claims } from '../worker/rows.ts'
import { eventually } from './deadline.ts'
import { cutAfterServerFrame, holding, once, swallowReceipts } from './frame-rules.ts'
import { RowSet } from './row-set.ts'
import { workerdBinary } from './workerd-binary.ts'
import { createWorld, type World } from './world.ts'

const alice: Claims = { userId: 'alice' }
const hello = { cids: [{ cid: 'cid-1', seen: 0 }] }

/** An insert of a message by alice. */
const insert = (n: number, id: string) =>
  ({
    cid: 'cid-1',
    n,
    do: 'mutate',
    ops: [
      {
        collection: 'messages',
        type: 'insert',
        key: id,
        cols: { id, author: 'alice', content: '', created_at: n },
      },
    ],
  }) as const

const ids = async (room: string) => (await world.rows(room, 'messages')).map((row) => row.id)

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.stop())

test('the workerd under test is the newest one, for this platform', () => {
  expect(existsSync(workerdBinary())).toBe(true)
  expect(workerdBinary()).toContain('workerd-newest')
})

test('an upgrade without claims is closed with a code that a browser can see', async () => {
  const client = await world.connect('refused', null)
  expect((await client.next('goodbye')).code).toBe(4401)
  expect((await client.ended()).code).toBe(4401)
})

test('a path that the Worker does not know is refused with its status', async () => {
  await expect(world.connectTo(`ws://127.0.0.1:${world.port}/nowhere`)).rejects.toMatchObject({ status: 404 })
})

test('an eviction constructs the object again while its socket stays open', async () => {
  const client = await world.connect('evicted')
  await client.enter(hello)
  const before = await world.stats('evicted')
  await world.evict('evicted')
  const after = await world.stats('evicted')
  expect(after.constructed).toBe(before.constructed + 1)
  expect(after.instance).not.toBe(before.instance)
  expect(after.sockets).toBe(1)
  const { outcomes } = await client.settle(insert(1, 'after'))
  expect(outcomes).toEqual([{ cid: 'cid-1', n: 1, outcome: { is: 'committed' } }])
})

test('an abort closes the sockets with 1006 and keeps the rows', async () => {
  const client = await world.connect('aborted')
  await client.enter(hello)
  await client.settle(insert(1, 'kept'))
  await world.abort('aborted')
  expect((await client.ended()).code).toBe(1006)
  expect(await ids('aborted')).toEqual(['kept'])
})

test('a killed process leaves its rows, and comes back on the same port', async () => {
  const { port } = world
  const client = await world.connect('killed')
  await client.enter(hello)
  await client.settle(insert(1, 'kept'))
  await world.kill()
  expect((await client.ended()).code).toBe(1006)
  await expect(world.connect('killed')).rejects.toThrow('ECONNREFUSED')
  await world.start()
  expect(world.port).toBe(port)
  expect(await ids('killed')).toEqual(['kept'])
})

test('a copy of the storage leaves sockets open, and restoring it brings back exactly what was there', async () => {
  const client = await world.connect('restored')
  await client.enter(hello)
  await client.settle(insert(1, 'before'))
  const copy = await world.storageCopy('restored')
  await client.settle(insert(2, 'after'))
  expect(await ids('restored')).toEqual(['after', 'before'])
  await world.restore('restored', copy)
  expect((await client.ended()).code).toBe(1006)
  expect(await ids('restored')).toEqual(['before'])
  await world.restore('restored', null)
  expect(await ids('restored')).toEqual([])
})

test('a frozen process is silent and not gone', async () => {
  const client = await world.connect('frozen')
  world.freeze()
  client.hello(hello)
  await client.expectNothing(100)
  world.thaw()
  expect((await client.next('welcome')).principal).toBe('alice')
})

test('a cut gives 1006 and a new connection passes at once', async () => {
  const proxy = await world.proxy()
  const client = await world.connectTo(world.url('cut', alice, proxy.port))
  await client.enter(hello)
  proxy.cut()
  expect((await client.ended()).code).toBe(1006)
  await (await world.connectTo(world.url('cut', alice, proxy.port))).enter(hello)
})

test('a proxy that is down refuses connections until it is mended', async () => {
  const proxy = await world.proxy()
  proxy.down()
  await expect(world.connectTo(world.url('down', alice, proxy.port))).rejects.toThrow('ECONNRESET')
  proxy.mend()
  await (await world.connectTo(world.url('down', alice, proxy.port))).enter(hello)
})

test('what was sent into a hanging connection arrives after it is mended', async () => {
  const proxy = await world.proxy()
  const client = await world.connectTo(world.url('hanging', alice, proxy.port))
  await client.enter(hello)
  proxy.hang()
  client.push(insert(1, 'late'))
  await client.expectNothing(100)
  expect(await ids('hanging')).toEqual([])
  proxy.mend()
  expect((await client.pass()).settled).toHaveLength(1)
})

test('a delay holds up both directions', async () => {
  const proxy = await world.proxy()
  const client = await world.connectTo(world.url('delayed', alice, proxy.port))
  await client.enter(hello)
  proxy.delay(100)
  const start = performance.now()
  await client.settle(insert(1, 'slow'))
  expect(performance.now() - start).toBeGreaterThanOrEqual(200)
})

test.each([1, 2])('a connection can be cut right after frame %i of the server', async (k) => {
  const proxy = await world.frameProxy()
  proxy.rule = once(cutAfterServerFrame(k))
  const client = await world.connectTo(world.url('frames', alice, proxy.port))
  client.hello(hello)
  expect((await client.ended()).code).toBe(1006)
  expect(client.received.map((frame) => frame.type)).toEqual(['welcome', 'changes'].slice(0, k))
  await (await world.connectTo(world.url('frames', alice, proxy.port))).enter(hello)
})

test('a swallowed receipt: the write is there and its client does not know', async () => {
  const proxy = await world.frameProxy()
  proxy.rule = swallowReceipts
  const client = await world.connectTo(world.url('swallowed', alice, proxy.port))
  await client.enter(hello)
  client.push(insert(1, 'unknown'))
  expect((await client.ended()).code).toBe(1006)
  expect(client.received.some((frame) => frame.type === 'changes' && frame.settled !== undefined)).toBe(false)
  expect(await ids('swallowed')).toEqual(['unknown'])
  const link = await proxy.link(0)
  expect(link.clientFrames('push')).toHaveLength(1)
  expect(link.serverFrames('changes').at(-1)?.settled).toHaveLength(1)
})

test('held frames are sent on in any order', async () => {
  await world.sql(
    'held',
    `INSERT INTO messages (id, author, content, created_at) VALUES ('a', 'alice', '', 0)`,
  )
  const proxy = await world.frameProxy()
  const client = await world.connectTo(world.url('held', alice, proxy.port))
  await client.enter(hello)
  proxy.rule = holding(({ from }) => from === 'server')
  client.send({ type: 'join', sub: 1, join: 1, collection: 'messages' })
  await client.expectNothing(100)
  const link = await proxy.link(0)
  await eventually(
    () => link.held.length,
    (count) => count >= 2,
    'a chunk and the end of the join',
  )
  link.release((held) => held.reverse())
  expect((await client.take()).type).toBe('joined')
})

test('a join read by hand is what the table holds', async () => {
  const client = await world.connect('joined')
  await client.enter(hello)
  await world.sql(
    'joined',
    `INSERT INTO todos (id, title, views, avatar) VALUES ('b', 'big', '9007199254740993', x'00ff')`,
  )
  await world.sql('joined', `INSERT INTO todos (id, title, rank) VALUES ('a', 'small', 0.5)`)
  const rows = new RowSet()
  rows.join(await client.join({ sub: 1, collection: 'todos' }))
  expect(rows.sorted()).toEqual(await world.rows('joined', 'todos'))
  expect(rows.get('b')).toMatchObject({ views: { int: '9007199254740993' }, avatar: { hex: '00FF' } })
})

test('rows written are counted statement by statement', async () => {
  await world.sql('counted', `INSERT INTO samples (id) VALUES ('a')`)
  await world.resetCounts('counted')
  await world.sql('counted', `UPDATE samples SET t = 'x'`)
  const { byStatement, rowsWritten } = await world.stats('counted')
  expect(Object.keys(byStatement)).toContain(`UPDATE samples SET t = 'x'`)
  expect(rowsWritten).toBeGreaterThanOrEqual(1)
})

import { afterAll, beforeAll, test } from 'vitest'
import { createWorld, type World } from '../support/world.ts'
import { pause } from '../support/deadline.ts'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.stop())
const hello = { cids: [{ cid: 'cid-1', seen: 0 }] }
const insert = (n: number, id: string) =>
  ({
    cid: 'cid-1', n, do: 'mutate',
    ops: [{ collection: 'samples', type: 'insert', key: id, cols: { t: 'x' } }],
  }) as const

test('a wake over-sends', async () => {
  const c = await world.connect('a')
  await c.enter(hello)
  for (let i = 1; i <= 5; i++) await c.settle(insert(i, `k${i}`))
  await c.join({ sub: 1, collection: 'samples' })
  await world.evict('a')
  await world.sql('a', `INSERT INTO samples (id) VALUES ('new')`)
  console.log('WAKE', JSON.stringify(await c.pass()))
  await pause(100)
  console.log('ALL', c.received.length)
})

test('push after disconnect, stalled', async () => {
  const c = await world.connect('b')
  await c.enter(hello)
  c.stall()
  await world.control('b', 'disconnect', { userId: 'alice' })
  await pause(50)
  c.push(insert(1, 'after'))
  await pause(200)
  console.log('AFTER DISCONNECT', JSON.stringify(await world.rows('b', 'samples')), (await world.stats('b')).sockets)
  await world.evict('b')
  c.push(insert(2, 'after2'))
  await pause(200)
  console.log('AFTER EVICT', JSON.stringify(await world.rows('b', 'samples')), (await world.stats('b')).sockets)
  c.resume()
  console.log(JSON.stringify(await c.ended()), JSON.stringify(c.received.at(-1)))
})

test('expired push', async () => {
  const c = await world.connect('c', { userId: 'alice', exp: Date.now() / 1000 + 1000 })
  await c.enter(hello)
  await world.setClock(2000_000)
  c.push(insert(1, 'after'))
  console.log(JSON.stringify(await c.ended()), JSON.stringify(c.received.at(-1)))
  console.log('EXPIRED', JSON.stringify(await world.rows('c', 'samples')))
  await world.setClock(0)
})

test('expired on wake', async () => {
  const c = await world.connect('d', { userId: 'alice', exp: Date.now() / 1000 + 1000 })
  await c.enter(hello)
  await c.join({ sub: 1, collection: 'samples' })
  await world.storageSql('d', `INSERT INTO samples (id) VALUES ('secret')`)
  await world.setClock(2000_000)
  await world.evict('d')
  await world.stats('d')
  await pause(100)
  console.log('EXPIRED WAKE', JSON.stringify(c.received.slice(-3)))
  await world.setClock(0)
})

test('resend amplification', async () => {
  const c = await world.connect('e')
  await c.enter(hello)
  await c.settle({ cid: 'cid-1', n: 1, do: 'call', name: 'large', args: { bytes: 200_000 } })
  const items = Array.from({ length: 100 }, () => ({ cid: 'cid-1', n: 1, do: 'skip' }) as const)
  c.push(...items)
  const p = await c.pass()
  console.log('AMPLIFIED', p.settled.length, JSON.stringify(p).length)
})

test('long names', async () => {
  const c = await world.connect('f')
  await c.enter(hello)
  c.sendText(JSON.stringify({ type: 'push', items: [{ cid: 'cid-1', n: 1, do: 'mutate', ops: [{ collection: 'samples', type: 'insert', key: 'k', cols: { ['x'.repeat(10_000)]: [] } }] }] }))
  try { console.log('LONG', JSON.stringify(await c.take()).slice(0, 100)) } catch (e) { console.log('LONG', String(e).slice(0, 200)) }
})

test('close of a socket that said nothing', async () => {
  const c = await world.connect('g')
  const t = performance.now()
  await world.control('g', 'disconnect', { userId: 'alice' })
  console.log(JSON.stringify(await c.ended()), performance.now() - t)
})

test('join flood', async () => {
  await world.control('h', 'sql', { via: 'storage', params: [], statement: `WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM c WHERE i < 4000) INSERT INTO samples (id, t) SELECT printf('%05d', i), hex(zeroblob(500)) FROM c` })
  const c = await world.connect('h')
  await c.enter(hello)
  c.stall()
  for (let i = 0; i < 50; i++) c.send({ type: 'join', sub: i, join: i, collection: 'samples' })
  await pause(2000)
  c.resume()
  await pause(2000)
  console.log('FLOOD', c.received.length, c.received.reduce((s, f) => s + JSON.stringify(f).length, 0), JSON.stringify(c.received.at(-1)).slice(0, 200))
})

test('three joins and a write in the same turn', async () => {
  const c = await world.connect('h')
  await c.enter({ ...hello, client: 'other', cids: [{ cid: 'cid-2', seen: 0 }] })
  c.send({ type: 'join', sub: 1, join: 1, collection: 'samples' })
  c.push({ cid: 'cid-2', n: 1, do: 'mutate', ops: [{ collection: 'samples', type: 'insert', key: 'zz', cols: {} }] })
  c.send({ type: 'join', sub: 2, join: 2, collection: 'samples' })
  await pause(1500)
  console.log('THREE', c.received.length, c.received.map((f) => f.type).join(' '), JSON.stringify(c.received.at(-1)).slice(0, 200))
})

import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { eventually, pause } from '../support/deadline.ts'
import { createWorld, type World } from '../support/world.ts'
import { declaring, insertInto, seconds } from './frames.ts'
import { Site } from './site.ts'

let site: Site
let world: World
beforeAll(async () => {
  ;[site, world] = await Promise.all([Site.start(), createWorld()])
})
afterEach(() => world.setClock(0))
afterAll(() => Promise.all([site.stop(), world.stop()]))

const MINUTE = 60_000
const sample = (n: number, key: string) => insertInto('samples', 'cid-1', n, key)
const keys = async (room: string, table = 'samples') => (await world.rows(room, table)).map((row) => row.id)
const EXPIRED = { type: 'goodbye', code: 4401, message: 'the credentials have expired' }

test('a write that comes after the claims expired is closed with 4401 and not carried out [R8]', async () => {
  const client = await world.connect('late', { userId: 'alice', exp: seconds(Date.now() + MINUTE) })
  await client.enter(declaring('cid-1'))
  await client.settle(sample(1, 'in time'))
  await world.setClock(2 * MINUTE)
  client.push(sample(2, 'too late'))
  expect(await client.next('goodbye')).toEqual(EXPIRED)
  expect((await client.ended()).code).toBe(4401)
  expect(await keys('late')).toEqual(['in time'])
})

test('a write and a close in one packet do not slip past the expiry [R8]', async () => {
  const client = await world.connect('slip', { userId: 'alice', exp: seconds(Date.now() + MINUTE) })
  await client.enter(declaring('cid-1'))
  await world.setClock(2 * MINUTE)
  client.push(sample(1, 'too late'))
  await client.close()
  await pause(50)
  expect(await keys('slip')).toEqual([])
})

test('a change does not reach a socket whose claims have expired [R8]', async () => {
  const expiring = await world.connect('unseen', { userId: 'alice', exp: seconds(Date.now() + MINUTE) })
  const lasting = await world.connect('unseen', { userId: 'bob' })
  for (const client of [expiring, lasting]) {
    await client.enter({ client: client === expiring ? 'a' : 'b' })
    await client.join({ sub: 1, collection: 'samples' })
  }
  await world.setClock(2 * MINUTE)
  await world.sql('unseen', `INSERT INTO samples (id) VALUES ('secret')`)
  expect((await lasting.pass()).frames[0]?.tables.samples?.up).toHaveLength(1)
  expect(await expiring.next('goodbye')).toEqual(EXPIRED)
})

test('a change that was waiting when the object woke does not reach expired claims [R8, H1]', async () => {
  const client = await world.connect('asleep', { userId: 'alice', exp: seconds(Date.now() + MINUTE / 2) })
  await client.enter()
  await client.join({ sub: 1, collection: 'samples' })
  await world.storageSql('asleep', `INSERT INTO samples (id) VALUES ('secret')`)
  await world.setClock(MINUTE)
  await world.evict('asleep')
  await world.stats('asleep')
  expect(await client.next('goodbye')).toEqual(EXPIRED)
  expect((await client.ended()).code).toBe(4401)
})

test('claims without an expiry last', async () => {
  const client = await world.connect('lasting')
  await client.enter(declaring('cid-1'))
  await world.setClock(1000 * 86_400_000)
  expect((await client.settle(sample(1, 'a'))).outcomes[0]?.outcome.is).toBe('committed')
})

test('disconnect closes the chosen sockets with 4401 and no other [I1]', async () => {
  const alice = await world.connect('chosen')
  const bob = await world.connect('chosen', { userId: 'bob' })
  await alice.enter({ client: 'a' })
  await bob.enter({ client: 'b', ...declaring('cid-1') })
  expect(await world.control('chosen', 'disconnect', { userId: 'alice' })).toBe(1)
  expect((await alice.next('goodbye')).code).toBe(4401)
  expect(await alice.ended()).toEqual({ code: 4401, reason: 'disconnected by the server' })
  expect((await bob.settle(sample(1, 'b'))).outcomes).toHaveLength(1)
  expect(await world.control('chosen', 'disconnect', { userId: 'alice' })).toBe(0)
})

test('whoever was disconnected and never answers the close cannot write any more, not even to a fresh instance [I1]', async () => {
  const client = await world.connect('banned')
  await client.enter(declaring('cid-1'))
  client.stall()
  await world.control('banned', 'disconnect', { userId: 'alice' })
  client.push(sample(1, 'after'))
  await pause(100)
  await world.evict('banned')
  client.push(sample(2, 'after the eviction'))
  await pause(100)
  expect(await keys('banned')).toEqual([])
  client.resume()
  expect((await client.ended()).code).toBe(4401)
})

test('disconnect takes a code and a message of the author’s own, of whatever length [I1]', async () => {
  const client = await site.connect('/sync/reason')
  await client.enter()
  const message = `Geschlossen: ${'ü'.repeat(5000)}`
  expect(await site.call('CHANGEABLE', 'reason', 'disconnectUser', 'alice', 4123, message)).toBe(1)
  expect((await client.next('goodbye')).code).toBe(4123)
  expect((await client.ended()).code).toBe(4123)
})

test('a socket that has never said anything is told goodbye when it is disconnected [I1]', async () => {
  const client = await site.connect('/sync/silent')
  expect(await site.call('CHANGEABLE', 'silent', 'disconnectUser', 'alice')).toBe(1)
  expect((await client.next('goodbye')).code).toBe(4401)
  expect(await site.call('CHANGEABLE', 'silent', 'listConnections')).toEqual([])
})

test('connections lists who is there, before and after hello, across an eviction, and nobody who was closed [H1]', async () => {
  const before = Date.now()
  const alice = await site.connect('/sync/listed')
  const bob = await site.connect('/sync/listed', { userId: 'bob', role: 'admin' })
  await bob.enter({ client: 'tab of bob' })
  const list = () =>
    site.call<{ principal: string; openedAt: number }[]>('CHANGEABLE', 'listed', 'listConnections')
  const listed = await list()
  expect(listed).toMatchObject([
    { principal: 'alice', claims: { userId: 'alice' }, client: null },
    { principal: 'bob', claims: { userId: 'bob', role: 'admin' }, client: 'tab of bob' },
  ])
  for (const { openedAt } of listed) expect(openedAt).toBeGreaterThanOrEqual(before - 50)
  await site.evict('CHANGEABLE', 'listed')
  // The order is the runtime's.
  expect((await list()).sort((a, b) => (a.principal < b.principal ? -1 : 1))).toEqual(listed)
  await bob.close()
  await eventually(list, (now) => now.length === 1, 'bob to be gone')
  alice.stall()
  await site.call('CHANGEABLE', 'listed', 'disconnectUser', 'alice')
  expect(await list()).toEqual([])
})

test('setClaims gives handlers the new claims at once, and they survive an eviction [R8]', async () => {
  const client = await world.connect('promoted')
  await client.enter(declaring('cid-1'))
  const claims = { userId: 'alice', role: 'admin', exp: seconds(Date.now() + MINUTE) }
  expect(await world.control('promoted', 'setClaims', { userId: 'alice', claims })).toBe(1)
  await client.settle(sample(1, 'a'))
  await world.evict('promoted')
  await client.settle(sample(2, 'b'))
  await world.setClock(2 * MINUTE)
  client.push(sample(3, 'too late'))
  expect(await client.next('goodbye')).toEqual(EXPIRED)
  expect(await keys('promoted')).toEqual(['a', 'b'])
})

test('setClaims closes a socket whose principal would change with 4403: it holds somebody else’s rows [R8]', async () => {
  const client = await world.connect('exchanged')
  await client.enter(declaring('cid-1'))
  await world.control('exchanged', 'setClaims', { userId: 'alice', claims: { userId: 'bob' } })
  client.push(insertInto('messages', 'cid-1', 1, 'forged', { author: 'bob', content: '', created_at: 0 }))
  expect((await client.next('goodbye')).code).toBe(4403)
  expect((await client.ended()).code).toBe(4403)
  expect(await keys('exchanged', 'messages')).toEqual([])
})

test('setClaims with claims that have expired closes with 4401 [R8]', async () => {
  const client = await world.connect('revoked')
  await client.enter()
  await world.control('revoked', 'setClaims', { userId: 'alice', claims: { userId: 'alice', exp: 1 } })
  expect(await client.next('goodbye')).toEqual(EXPIRED)
})

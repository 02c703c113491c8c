import { afterAll, beforeAll, expect, test } from 'vitest'
import { UpgradeRefused } from '../support/raw-socket.ts'
import { createWorld, type World } from '../support/world.ts'
import { Site } from './site.ts'

let site: Site
let world: World
beforeAll(async () => {
  ;[site, world] = await Promise.all([Site.start(), createWorld()])
})
afterAll(() => Promise.all([site.stop(), world.stop()]))

const gate = (mode: string) => site.connect('/gate/a', null, { headers: { 'x-gate': mode } })

test('until parseAttachment is overridden every upgrade is refused, and the message says what to write [I1]', async () => {
  const client = await world.connectTo(world.address('/no-claims/a', { userId: 'alice' }))
  const { code, message } = await client.next('goodbye')
  expect(code).toBe(4500)
  expect(message).toContain('override parseAttachment(request)')
  expect(message).toContain('x-claims')
  expect((await client.ended()).code).toBe(4500)
  expect(world.output.join('\n')).toContain('override parseAttachment(request)')
})

test('a table that cannot be synced closes upgrades with 4500 while the object’s own routes live on [R12]', async () => {
  const client = await world.connectTo(world.address('/no-table/a', { userId: 'alice' }))
  const { code, message } = await client.next('goodbye')
  expect(code).toBe(4500)
  expect(message).not.toContain('things')
  expect(world.output.join('\n')).toContain('there is no table "things": create it before registerSync')
  const headers = { 'x-test-claims': JSON.stringify({ userId: 'alice' }) }
  const own = await fetch(`http://127.0.0.1:${world.port}/no-table/a`, { headers })
  expect([own.status, await own.text()]).toEqual([200, 'alive'])
})

test('a Response that parseAttachment throws is the answer, word for word [I1]', async () => {
  const refused = await gate('response').then(
    () => undefined,
    (error: unknown) => error,
  )
  expect(refused).toBeInstanceOf(UpgradeRefused)
  expect(refused).toMatchObject({ status: 402, body: 'pay first' })
})

test('anything else that parseAttachment throws is a 4401, and its text stays on the server [I1, I4]', async () => {
  const client = await gate('error')
  expect(await client.next('goodbye')).toEqual({ type: 'goodbye', code: 4401, message: 'not authenticated' })
  expect((await client.ended()).code).toBe(4401)
  expect(site.output.join('\n')).toContain('a secret of the server')
})

test('claims that name nobody are refused, and the message says which fields are looked for [R17]', async () => {
  const { code, message } = await (await gate('nobody')).next('goodbye')
  expect(code).toBe(4401)
  for (const field of ['sub', 'userId', 'id', 'principal']) expect(message).toContain(field)
})

test('claims that have expired are refused at the door [R8]', async () => {
  expect(await (await gate('expired')).next('goodbye')).toMatchObject({
    code: 4401,
    message: 'the credentials have expired',
  })
})

test('claims that are too large for a sleeping socket are refused, and the message says how large they may be [R2]', async () => {
  const { code, message } = await (await gate('huge')).next('goodbye')
  expect(code).toBe(4500)
  expect(message).toContain('4096')
})

test('claims that are few characters but too many bytes for a sleeping socket are refused at the door [R2]', async () => {
  const wide = (characters: number) => '宽'.repeat(characters)
  const claims = { userId: wide(1000), role: wide(2900) }
  const refused = await world.connect('wide', claims)
  expect(await refused.next('goodbye')).toMatchObject({
    code: 4500,
    message: 'the claims are too large to be kept while the object sleeps',
  })
  // With room for what comes after them they are taken, and are the same after a sleep.
  const client = await world.connect('wide', { userId: 'alice', role: wide(3900) })
  await client.enter()
  for (let sub = 1; sub <= 256; sub++) await client.join({ sub, collection: 'samples' })
  await world.evict('wide')
  await world.sql('wide', `INSERT INTO samples (id) VALUES ('x')`)
  expect((await client.pass()).frames[0]?.tables.samples?.up).toHaveLength(1)
  client.drop()
})

test('a connection of which more would have to be kept than there is room for is closed with what it is, and not forgotten in its sleep [R2]', async () => {
  const client = await world.connect('many', { userId: 'alice' })
  client.hello({ cids: Array.from({ length: 64 }, (_, i) => ({ cid: `${i}${'宽'.repeat(126)}`, seen: 0 })) })
  const { frame } = await client.until('goodbye')
  expect(frame).toMatchObject({ code: 4500 })
  expect(frame.message).toMatch(/more than 16 KB .* 64 client ids, 0 subscriptions/)
  expect((await client.ended()).code).toBe(4500)
})

test('a principal that the welcome has no room for is refused [R17]', async () => {
  const { code, message } = await (await world.connect('a', { userId: 'x'.repeat(1025) })).next('goodbye')
  expect([code, message]).toEqual([4500, 'the principal has more than 1024 characters'])
  const userId = 'x'.repeat(1024)
  expect((await (await world.connect('a', { userId })).enter()).welcome.principal).toBe(userId)
})

test('parseAttachment may be asynchronous, and its sub is the principal [R17]', async () => {
  const { welcome } = await (await gate('slow')).enter()
  expect(welcome.principal).toBe('vera')
})

test('a request without an upgrade is told what is expected [I1]', async () => {
  expect((await site.get('/gate/a')).status).toBe(426)
})

test('a refused socket leaves nothing behind in the object [H5]', async () => {
  const refused = await site.connect('/sync/refused', { userId: 'alice', exp: 1 })
  expect((await refused.next('goodbye')).code).toBe(4401)
  expect(await site.call('CHANGEABLE', 'refused', 'listConnections')).toEqual([])
  expect(await site.call('CHANGEABLE', 'refused', 'subscriptions')).toEqual([])
})

import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
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
const auth = (token: unknown) => ({ type: 'auth', token: JSON.stringify(token) }) as const
const sample = (n: number, key: string) => insertInto('samples', 'cid-1', n, key)

test('a token on the open socket replaces the claims, and the old expiry no longer holds [R8]', async () => {
  const client = await world.connect('renewed', { userId: 'alice', exp: seconds(Date.now() + MINUTE) })
  await client.enter(declaring('cid-1'))
  client.send(auth({ userId: 'alice', exp: seconds(Date.now() + 3 * MINUTE) }))
  await client.next('authed')
  await world.setClock(2 * MINUTE)
  expect((await client.settle(sample(1, 'a'))).outcomes[0]?.outcome.is).toBe('committed')
  await world.setClock(4 * MINUTE)
  client.push(sample(2, 'b'))
  expect((await client.next('goodbye')).code).toBe(4401)
})

test('the socket keeps its subscriptions and its position over a new token [R8]', async () => {
  const client = await world.connect('kept')
  await client.enter()
  await client.join({ sub: 1, collection: 'samples' })
  const { at } = client
  client.send(auth({ userId: 'alice', role: 'admin' }))
  await client.next('authed')
  await world.sql('kept', `INSERT INTO samples (id) VALUES ('a')`)
  expect(await client.pass()).toMatchObject({ from: at })
})

test('of tokens that are looked at for long a socket may have eight at a time, and others later [I3]', async () => {
  const client = await world.connect('crowded')
  await client.enter()
  for (let i = 0; i < 20; i++) client.send(auth({ userId: 'alice', afterMs: 500 }))
  for (let i = 0; i < 12; i++)
    expect(await client.next('refused')).toMatchObject({ re: 'frame', code: 'auth-failed' })
  // Of the eight only the last counts.
  await client.next('authed')
  client.send(auth({ userId: 'alice' }))
  await client.next('authed')
})

test('a token of somebody else closes with 4403 and is not answered otherwise [R8]', async () => {
  const client = await world.connect('other')
  await client.enter()
  client.send(auth({ userId: 'bob' }))
  expect((await client.next('goodbye')).code).toBe(4403)
  expect((await client.ended()).code).toBe(4403)
  expect(client.received.some((frame) => frame.type === 'authed')).toBe(false)
})

test('a token that names nobody, or has expired, closes with 4401 [R8, R17]', async () => {
  for (const token of [{}, null, { userId: '' }, { userId: 7 }, { userId: 'alice', exp: 1 }]) {
    const client = await world.connect('nobody')
    await client.enter()
    client.send(auth(token))
    expect((await client.next('goodbye')).code, JSON.stringify(token)).toBe(4401)
  }
})

test('a token that parseToken throws on is refused, the old claims stay, and the text stays on the server [I4]', async () => {
  const client = await world.connect('broken')
  await client.enter(declaring('cid-1'))
  client.send({ type: 'auth', token: 'not JSON' })
  expect(await client.next('refused')).toEqual({
    type: 'refused',
    re: 'frame',
    code: 'auth-failed',
    message: 'the credentials were not accepted',
  })
  expect((await client.settle(sample(1, 'a'))).outcomes).toHaveLength(1)
})

test('an object without parseToken refuses tokens with a code, and goes on [I1]', async () => {
  const client = await site.connect('/sync/unsupported')
  await client.enter(declaring('cid-1'))
  client.send(auth({ userId: 'alice' }))
  expect(await client.next('refused')).toMatchObject({ re: 'frame', code: 'auth-unsupported' })
  expect((await client.settle(insertInto('things', 'cid-1', 1, 'a'))).outcomes).toHaveLength(1)
})

test('a token of 4,096 characters is taken, one more is no frame [R28]', async () => {
  const client = await world.connect('size')
  await client.enter()
  const token = (length: number) => JSON.stringify({ userId: 'alice' }).padEnd(length)
  client.send({ type: 'auth', token: token(4096) })
  await client.next('authed')
  client.send({ type: 'auth', token: token(4097) })
  expect(await client.next('refused')).toMatchObject({ re: 'frame', code: 'frame-invalid' })
})

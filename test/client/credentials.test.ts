import { AuthError } from '@durable-sync/core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { pause } from '../support/deadline.ts'
import { createWorld, type World } from '../support/world.ts'
import { equalsServer, until } from './convergence.ts'
import { openClient } from './live-client.ts'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.stop())

const note = (id: string) => ({ id, slug: id, title: id })
const tokenFor = (userId: string, exp?: number) =>
  JSON.stringify({ userId, ...(exp === undefined ? {} : { exp }) })
const inSeconds = (seconds: number) => Date.now() / 1000 + seconds

test('nobody gets in by default: without credentials the application is asked for some, and what it shows is nothing [I1]', async () => {
  const proxy = await world.frameProxy()
  await world.sql('private', `INSERT INTO notes VALUES ('a', 'a', 'a secret')`)
  const { notes, client } = openClient(world, 'private', { claims: null, port: proxy.port })
  notes.subscribeChanges(() => {})
  await until(() => expect(client.status.get().state).toBe('needs-auth'))
  const status = client.status.get()
  expect(status.state === 'needs-auth' && status.cause).toBeInstanceOf(AuthError)
  expect(status).toMatchObject({ cause: { code: 'unauthorized' } })
  // Once more with new credentials, in case the old ones were stale; then it is the application's turn.
  await pause(100)
  expect(proxy.links).toHaveLength(2)
  expect(notes.size).toBe(0)
  const frames = proxy.links.flatMap(({ conversation }) =>
    conversation.flatMap(({ from, frame }) => (from === 'server' && frame ? [frame.type] : [])),
  )
  expect(new Set(frames)).toEqual(new Set(['goodbye']))
})

test('an object whose author forgot to say who may come in lets nobody in, and its clients go on asking [I1]', async () => {
  const { notes, client } = openClient(world, 'forgotten', {
    url: world.address('/no-claims/forgotten', { userId: 'alice' }),
    timings: { lostAfterMs: 50 },
  })
  notes.subscribeChanges(() => {})
  await until(() =>
    expect(client.status.get()).toMatchObject({
      state: 'disconnected',
      cause: { code: 'server-misconfigured' },
    }),
  )
  expect(notes.size).toBe(0)
})

test('a logged-out client dials nobody and keeps what is written, and resume() with a token sends it', async () => {
  const room = 'logged-out'
  const proxy = await world.frameProxy()
  const asked: boolean[] = []
  const { notes, client } = openClient(world, room, {
    port: proxy.port,
    getToken: ({ force }) => {
      asked.push(force)
      return null
    },
  })
  const loaded = notes.preload()
  await until(() =>
    expect(client.status.get()).toMatchObject({ state: 'needs-auth', cause: { code: 'logged-out' } }),
  )
  const tx = notes.insert(note('kept'))
  await pause(100)
  expect(proxy.links).toHaveLength(0)
  expect(client.pendingWrites.get().count).toBe(1)
  client.resume({ token: tokenFor('alice') })
  await Promise.all([loaded, tx.isPersisted.promise])
  await equalsServer(world, room, { notes })
})

test('expired credentials are renewed without asking anybody, and nothing that was written is lost', async () => {
  const room = 'renewed'
  const forced: boolean[] = []
  const { notes, client } = openClient(world, room, {
    getToken: ({ force }) => {
      forced.push(force)
      return tokenFor('alice', inSeconds(force ? 3600 : 1.5))
    },
  })
  await notes.preload()
  const states = new Set<string>()
  client.status.subscribe(() => states.add(client.status.get().state))
  await pause(1600)
  const tx = notes.insert(note('late'))
  await tx.isPersisted.promise
  await equalsServer(world, room, { notes })
  expect(forced).toEqual([false, true])
  expect([...states]).toEqual(['reconnecting', 'connected'])
})

test('credentials that cannot be fetched are an outage like any other: it is retried until they can', async () => {
  const room = 'token-outage'
  let asked = 0
  const { notes, client } = openClient(world, room, {
    timings: { lostAfterMs: 20 },
    getToken: () => {
      if (++asked < 5) throw new Error('the server of the tokens is down')
      return tokenFor('alice')
    },
  })
  const loaded = notes.preload()
  await until(() =>
    expect(client.status.get()).toMatchObject({ state: 'disconnected', cause: { code: 'token-failed' } }),
  )
  await loaded
  expect(asked).toBe(5)
  await equalsServer(world, room, { notes })
})

test('credentials that are refused twice in a row stop the client with its writes kept, until resume() brings better ones', async () => {
  const room = 'refused-twice'
  const proxy = await world.frameProxy()
  let token = tokenFor('alice', inSeconds(3600))
  const { notes, client } = openClient(world, room, { port: proxy.port, getToken: () => token })
  await notes.preload()
  token = 'neither claims nor a token'
  expect(await world.control(room, 'disconnect', { userId: 'alice' })).toBe(1)
  await until(() =>
    expect(client.status.get()).toMatchObject({ state: 'needs-auth', cause: { code: 'unauthorized' } }),
  )
  const tx = notes.insert(note('kept'))
  await pause(100)
  expect(proxy.links).toHaveLength(2)
  expect(notes.has('kept')).toBe(true)
  token = tokenFor('alice')
  client.resume()
  await tx.isPersisted.promise
  await equalsServer(world, room, { notes })
  // It went on where it was: nothing was loaded again.
  expect(proxy.links.at(-1)?.serverFrames('chunk')).toEqual([])
})

test('new credentials on an open socket keep it open beyond the end of the old ones', async () => {
  const room = 'in-band'
  const proxy = await world.frameProxy()
  const { notes, client } = openClient(world, room, {
    port: proxy.port,
    getToken: () => tokenFor('alice', inSeconds(1.5)),
  })
  await notes.preload()
  client.resume({ token: tokenFor('alice', inSeconds(3600)) })
  await pause(1600)
  await notes.insert(note('late')).isPersisted.promise
  expect(proxy.links).toHaveLength(1)
  expect(proxy.links[0]?.serverFrames('authed')).toHaveLength(1)
  await equalsServer(world, room, { notes })
})

test('credentials of somebody else do not take over an open socket: the client stops and the rows of the first user stay his', async () => {
  const room = 'somebody-else'
  const proxy = await world.frameProxy()
  const { notes, client } = openClient(world, room, { port: proxy.port, getToken: () => tokenFor('alice') })
  await notes.preload()
  client.resume({ token: tokenFor('mallory') })
  await until(() =>
    expect(client.status.get()).toMatchObject({ state: 'needs-auth', cause: { code: 'forbidden' } }),
  )
  await pause(100)
  expect(proxy.links).toHaveLength(1)
})

test('a copy of a page with the same client id takes over, and neither chases the other away for ever', async () => {
  const room = 'copied-page'
  const proxy = await world.frameProxy()
  // The first id that a client draws is its own; a page that was duplicated has that of its twin.
  const copied = () => {
    let drawn = 0
    return { randomId: () => (drawn++ === 0 ? 'the id of both' : crypto.randomUUID()) }
  }
  const first = openClient(world, room, { port: proxy.port, environment: copied() })
  await first.notes.preload()
  const second = openClient(world, room, { port: proxy.port, environment: copied() })
  await second.notes.preload()
  await until(() =>
    expect(first.client.status.get()).toMatchObject({ state: 'failed', cause: { code: 'superseded' } }),
  )
  await second.notes.insert(note('second')).isPersisted.promise
  await pause(100)
  expect(proxy.links).toHaveLength(2)
  first.client.resume()
  await until(() => expect(second.client.status.get().state).toBe('failed'))
  await equalsServer(world, room, { notes: first.notes })
})

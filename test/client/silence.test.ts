import { afterAll, beforeAll, expect, test } from 'vitest'
import { pause } from '../support/deadline.ts'
import type { Rule } from '../support/frame-link.ts'
import { createWorld, type World } from '../support/world.ts'
import { equalsServer, until } from './convergence.ts'
import { fastClock } from './fast-clock.ts'
import { openClient } from './live-client.ts'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.stop())

const note = (id: string) => ({ id, slug: id, title: id })

/** A second of the client is 20 ms: half a minute of silence passes in 600 ms. Its handshakes are given the time they need. */
const FAST = { environment: fastClock(50), timings: { handshakeMs: 250_000, dialMs: 500_000, stableMs: 1 } }

const swallow =
  (type: 'push' | 'join'): Rule =>
  ({ frame, from }) =>
    from === 'client' && frame?.type === type ? 'drop' : 'pass'

test('a write that is not answered is asked again on a new connection, is never given up, and runs once [R10]', async () => {
  const room = 'unanswered'
  const proxy = await world.frameProxy()
  const { notes, client } = openClient(world, room, { port: proxy.port, ...FAST })
  await notes.preload()
  proxy.rule = swallow('push')
  const tx = notes.insert(note('mine'))
  let settled = false
  tx.isPersisted.promise.then(
    () => (settled = true),
    () => (settled = true),
  )
  // After two connections in a row without an answer the status no longer says that all is well.
  await until(() => expect(proxy.links.length).toBeGreaterThanOrEqual(3))
  await until(() =>
    expect(client.status.get()).toMatchObject({ state: 'disconnected', cause: { code: 'server-silent' } }),
  )
  await until(() => expect(proxy.links.length).toBeGreaterThanOrEqual(5))
  expect(settled).toBe(false)
  expect(notes.has('mine')).toBe(true)
  expect(client.pendingWrites.get().count).toBe(1)
  proxy.rule = () => 'pass'
  await tx.isPersisted.promise
  await equalsServer(world, room, { notes })
  await until(() => expect(client.status.get().state).toBe('connected'))
})

test('a load that is not answered is asked again on a new connection [R10]', async () => {
  const room = 'unanswered-load'
  const proxy = await world.frameProxy()
  const { notes, todos } = openClient(world, room, { port: proxy.port, ...FAST })
  await world.sql(room, `INSERT INTO notes VALUES ('a', 'a', '')`)
  await todos.preload()
  proxy.rule = swallow('join')
  const loaded = notes.preload()
  await until(() => expect(proxy.links).toHaveLength(2))
  proxy.rule = () => 'pass'
  await loaded
  await equalsServer(world, room, { notes, todos })
})

test('a server that is frozen is noticed, nothing is settled by time, and all is made good when it goes on [G9, R10]', async () => {
  const room = 'frozen'
  const { notes, client } = openClient(world, room, FAST)
  await notes.preload()
  world.freeze()
  const writes = [notes.insert(note('one')), notes.insert(note('two'))]
  const endings: string[] = []
  for (const { isPersisted } of writes)
    isPersisted.promise.then(
      () => endings.push('kept'),
      () => endings.push('lost'),
    )
  await until(() => expect(['reconnecting', 'disconnected']).toContain(client.status.get().state))
  // Minutes, by the client's clock.
  await pause(3000)
  expect(endings).toEqual([])
  expect(client.pendingWrites.get().count).toBe(2)
  world.thaw()
  await Promise.all(writes.map((tx) => tx.isPersisted.promise))
  await equalsServer(world, room, { notes })
})

test('a network that swallows everything without closing is noticed in bounded time, shown, and made good [G9]', async () => {
  const room = 'black-hole'
  const proxy = await world.proxy()
  const { notes, client } = openClient(world, room, { port: proxy.port, ...FAST })
  await notes.preload()
  proxy.hang()
  const since = performance.now()
  await until(() => expect(client.status.get().state).not.toBe('connected'))
  // A ping after at most 27.5 s of silence, and 10 s for its answer.
  expect(performance.now() - since).toBeLessThan((37_500 / 50) * 4)
  expect(client.status.get()).toMatchObject({ cause: { code: 'heartbeat-missed' } })
  await world.sql(room, `INSERT INTO notes VALUES ('a', 'a', '')`)
  proxy.mend()
  await equalsServer(world, room, { notes })
})

test('an idle connection is kept alive by pings that do not wake the object', async () => {
  const room = 'idle'
  const proxy = await world.frameProxy()
  const { notes } = openClient(world, room, { port: proxy.port, ...FAST })
  await notes.preload()
  await world.evict(room)
  const pings = () => proxy.links[0]?.conversation.filter(({ text }) => text === 'ping').length ?? 0
  const pongs = () => proxy.links[0]?.conversation.filter(({ text }) => text === 'pong').length ?? 0
  await until(() => expect(pings()).toBeGreaterThan(2))
  await until(() => expect(pongs()).toBeGreaterThan(2))
  expect(proxy.links).toHaveLength(1)
  const { constructed } = await world.stats(room)
  // Once when it was first used, once by this very question.
  expect(constructed).toBe(2)
})

import { afterAll, beforeAll, expect, test } from 'vitest'
import { pause } from '../support/deadline.ts'
import { holding, transparent } from '../support/frame-rules.ts'
import { createWorld, type World } from '../support/world.ts'
import { equalsServer, until } from './convergence.ts'
import { ending } from './ending.ts'
import { type LiveClient, openClient } from './live-client.ts'
import { versions } from './tanstack-versions.ts'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.stop())

const note = (id: string) => ({ id, slug: id, title: id })

/** Subscriptions that the server knows of, by table. */
const subscriptions = async (room: string) =>
  (await world.subscriptions(room)).map(({ spec }) => spec.collection).sort()

/** The name of every status that the application is told, the present one first. */
function statuses({ client }: LiveClient): string[] {
  const told: string[] = [client.status.get().state]
  client.status.subscribe(() => told.push(client.status.get().state))
  return told
}

test('a client that cannot connect says so, and loads by itself when the server comes [G1]', async () => {
  const room = 'first-fails'
  const proxy = await world.proxy()
  proxy.down()
  const { notes, client } = openClient(world, room, { port: proxy.port, timings: { lostAfterMs: 50 } })
  const loaded = notes.preload()
  await until(() =>
    expect(client.status.get()).toMatchObject({ state: 'disconnected', cause: { code: 'unreachable' } }),
  )
  expect(notes.status).toBe('loading')
  proxy.mend()
  await loaded
  expect(client.status.get().state).toBe('connected')
  await equalsServer(world, room, { notes })
})

test.each([
  [4400, 'failed', 'protocol-refused'],
  [4409, 'failed', 'superseded'],
  [4403, 'needs-auth', 'forbidden'],
])(
  'a close with %i is said once, is not retried, and after resume() the client goes on from its position [G2]',
  async (code, state, cause) => {
    const room = `terminal-${code}`
    const proxy = await world.frameProxy()
    const live = openClient(world, room, { port: proxy.port })
    const { notes, client } = live
    await notes.preload()
    const told = statuses(live)
    ;(await proxy.link(0)).close(code, 'because')
    await until(() => expect(client.status.get()).toMatchObject({ state, cause: { code: cause } }))
    const tx = notes.insert(note('meanwhile'))
    await world.sql(room, `INSERT INTO notes VALUES ('server', 'server', '')`)
    await pause(150)
    expect(proxy.links).toHaveLength(1)
    expect(told).toEqual(['connected', state])
    // Nothing was given up: the write is kept.
    expect(notes.has('meanwhile')).toBe(true)
    client.resume()
    await tx.isPersisted.promise
    await equalsServer(world, room, { notes })
    const [hello] = (await proxy.link(1)).clientFrames('hello')
    expect(hello).toMatchObject({ at: expect.any(String), subs: [{ joined: true }] })
    expect(proxy.links[1]?.serverFrames('chunk')).toEqual([])
  },
)

test.each([1000, 1001, 1006, 1011, 1012, 1013, 4408, 4429, 4500])(
  'a close with %i is made good by a new connection [G3]',
  async (code) => {
    const room = `retried-${code}`
    const proxy = await world.frameProxy()
    const { notes } = openClient(world, room, { port: proxy.port })
    await notes.preload()
    const link = await proxy.link(0)
    if (code === 1006) link.cut()
    else link.close(code)
    await world.sql(room, `INSERT INTO notes VALUES ('a', 'a', '')`)
    await equalsServer(world, room, { notes })
    expect(proxy.links).toHaveLength(2)
  },
)

test('failed attempts are spread further and further apart, and forgotten after a success [G3]', async () => {
  const proxy = await world.proxy()
  const waits: number[] = []
  const draw = { at: performance.now() }
  const live = openClient(world, 'backoff', {
    port: proxy.port,
    timings: { stableMs: 20, backoffBaseMs: 1000, firstWindowMs: 1000 },
  })
  const { notes, client, gate } = live
  await notes.preload()
  await pause(40)
  proxy.down()
  for (let attempt = 0; attempt < 6; attempt++) {
    const { asked } = gate
    await until(() => expect(gate.asked).toBeGreaterThan(asked))
    waits.push(performance.now() - draw.at)
    draw.at = performance.now()
  }
  // A fiftieth of 4, 8, 16 and 30 seconds.
  expect(waits[4] ?? 0).toBeGreaterThan(2 * (waits[2] ?? 0))
  expect(client.status.get()).toMatchObject({ attempt: expect.any(Number) })
  proxy.mend()
  await until(() => expect(client.status.get().state).toBe('connected'))
  await pause(40)
  proxy.cut()
  await until(() => expect(client.status.get()).toMatchObject({ state: 'reconnecting', attempt: 2 }))
  await until(() => expect(client.status.get().state).toBe('connected'))
})

test('after an idle socket was closed, using the client again brings every collection back to life [G5]', async () => {
  const room = 'used-again'
  const proxy = await world.frameProxy()
  const { notes, client } = openClient(world, room, { port: proxy.port, timings: { lingerMs: 30 } })
  await notes.preload()
  await notes.cleanup()
  await until(() => expect(client.status.get().state).toBe('idle'))
  await until(async () => expect((await world.stats(room)).sockets).toBe(0))
  await world.sql(room, `INSERT INTO notes VALUES ('a', 'a', '')`)
  await notes.preload()
  await equalsServer(world, room, { notes })
  proxy.cut()
  await world.sql(room, `INSERT INTO notes VALUES ('b', 'b', '')`)
  await equalsServer(world, room, { notes })
})

test('a page that is put away gives its socket up, and shows what it missed when it is back [G5]', async () => {
  const room = 'put-away'
  const proxy = await world.frameProxy()
  const page = new EventTarget()
  const { notes, client } = openClient(world, room, { port: proxy.port, environment: { window: page } })
  await notes.preload()
  page.dispatchEvent(new Event('pagehide'))
  await until(async () => expect((await world.stats(room)).sockets).toBe(0))
  const tx = notes.insert(note('mine'))
  await world.sql(room, `INSERT INTO notes VALUES ('theirs', 'theirs', '')`)
  await pause(100)
  expect(proxy.links).toHaveLength(1)
  page.dispatchEvent(new Event('pageshow'))
  await tx.isPersisted.promise
  await equalsServer(world, room, { notes })
  expect(proxy.links).toHaveLength(2)
  expect(proxy.links[1]?.serverFrames('chunk')).toEqual([])
  expect(client.status.get().state).toBe('connected')
})

test('a collection that is mounted, unmounted and mounted again is one subscription on the server [G6]', async () => {
  const room = 'strict-mode'
  const proxy = await world.frameProxy()
  const { notes, gate } = openClient(world, room, { port: proxy.port })
  gate.shut()
  // As StrictMode does it: while the socket is still being made.
  const first = notes.subscribeChanges(() => {})
  first.unsubscribe()
  await notes.cleanup()
  const second = notes.subscribeChanges(() => {})
  gate.admit()
  await until(() => expect(notes.isReady()).toBe(true))
  expect(await subscriptions(room)).toEqual(['notes'])
  // And on a live socket.
  second.unsubscribe()
  await notes.cleanup()
  notes.subscribeChanges(() => {})
  await until(() => expect(notes.isReady()).toBe(true))
  expect(await subscriptions(room)).toEqual(['notes'])
  await world.sql(room, `INSERT INTO notes VALUES ('a', 'a', '')`)
  await equalsServer(world, room, { notes })
  expect(proxy.links).toHaveLength(1)
})

test('collections that come and go leave nothing behind on the server [G7]', async () => {
  const room = 'come-and-go'
  const brief = openClient(world, room)
  brief.gate.shut()
  brief.notes.subscribeChanges(() => {}).unsubscribe()
  await brief.notes.cleanup()
  brief.gate.admit()
  await until(() => expect(brief.client.status.get().state).toBe('connected'))
  expect(await subscriptions(room)).toEqual([])
  const proxy = await world.frameProxy()
  const { notes, todos, gate, client } = openClient(world, room, { port: proxy.port })
  gate.shut()
  notes.subscribeChanges(() => {}).unsubscribe()
  const other = todos.preload()
  await notes.cleanup()
  gate.admit()
  await other
  expect(await subscriptions(room)).toEqual(['todos'])
  // Gone while its rows are on the way, and after they have come.
  proxy.rule = holding(({ frame }) => frame?.type === 'joined')
  const loading = notes.preload().catch(() => {})
  const link = await proxy.link(0)
  await until(() => expect(link.held).toHaveLength(1))
  await notes.cleanup()
  proxy.rule = transparent
  link.release()
  await loading
  for (let i = 0; i < 20; i++) {
    await notes.preload()
    await notes.cleanup()
  }
  await client.call.echo(null)
  expect(await subscriptions(room)).toEqual(['todos'])
  expect(notes.size).toBe(0)
  expect(proxy.links).toHaveLength(1)
})

test('frames of a socket that the client has given up change nothing, and what they settled is settled all the same [G8]', async () => {
  const room = 'abandoned'
  const proxy = await world.frameProxy()
  const { notes, client } = openClient(world, room, {
    port: proxy.port,
    timings: { pingAfterMs: 100, pongMs: 600 },
  })
  await notes.preload()
  const link = await proxy.link(0)
  // The first socket falls silent: whatever the server says on it arrives late.
  proxy.rule = (message, each) => (each === link && message.from === 'server' ? 'hold' : 'pass')
  const tx = notes.insert(note('mine'))
  await until(() => expect(link.serverFrames('changes').at(-1)?.settled).toHaveLength(1))
  await until(() => expect(proxy.links.length).toBeGreaterThan(1))
  await tx.isPersisted.promise
  await world.sql(room, `UPDATE notes SET title = 'newer'`)
  await equalsServer(world, room, { notes })
  proxy.rule = transparent
  link.release()
  await pause(100)
  await equalsServer(world, room, { notes })
  expect(notes.get('mine')?.title).toBe('newer')
  await world.sql(room, `INSERT INTO notes VALUES ('live', 'live', '')`)
  await equalsServer(world, room, { notes })
  expect(client.status.get().state).toBe('connected')
})

test.each(versions)(
  'under @tanstack/db %s, closing the client ends every first load that is still awaited, and every later one, with a code [G4]',
  async (version, db) => {
    const room = `closed-loading-${version}`
    const proxy = await world.frameProxy()
    const { notes, todos, messages, client } = openClient(world, room, { db, port: proxy.port })
    await world.sql(room, `INSERT INTO messages VALUES ('m', 'server', '', 0)`)
    await messages.preload()
    proxy.rule = ({ frame }) => (frame?.type === 'joined' ? 'drop' : 'pass')
    const loading = ending(notes.preload())
    const link = await proxy.link(0)
    await until(() => expect(link.serverFrames('joined')).toHaveLength(2))
    await client.close()
    const closed = { name: 'ProtocolError', code: 'client-closed' }
    expect(await loading).toMatchObject(closed)
    expect(await ending(todos.preload())).toMatchObject(closed)
    expect(notes.utils.syncState.get()).toMatchObject({ phase: 'error', error: closed })
    // What was loaded stays.
    expect(messages.size).toBe(1)
    expect(messages.utils.syncState.get().phase).toBe('stale')
  },
)

test('the status and the pending writes tell what happens, from the first dial to the close [G10]', async () => {
  const room = 'told'
  const proxy = await world.frameProxy()
  const live = openClient(world, room, { port: proxy.port, timings: { lostAfterMs: 60, lingerMs: 20 } })
  const { notes, client, gate } = live
  const told = statuses(live)
  const phases: string[] = [notes.utils.syncState.get().phase]
  notes.utils.syncState.subscribe(() => phases.push(notes.utils.syncState.get().phase))
  proxy.rule = holding(({ frame }) => frame?.type === 'joined')
  const loaded = notes.preload()
  const link = await proxy.link(0)
  await until(() => expect(link.held).toHaveLength(1))
  expect(client.status.get().state).toBe('connected')
  expect(notes.utils.syncState.get().phase).toBe('loading')
  link.release()
  await loaded
  proxy.rule = transparent
  gate.shut()
  proxy.cut()
  const tx = notes.insert(note('pending'))
  await until(() =>
    expect(client.status.get()).toMatchObject({ state: 'disconnected', cause: { code: 'socket-closed' } }),
  )
  expect(client.pendingWrites.get()).toMatchObject({
    count: 1,
    items: [
      { kind: 'mutation', state: 'queued', ops: [{ collection: 'notes', type: 'insert', key: 'pending' }] },
    ],
  })
  gate.admit()
  await tx.isPersisted.promise
  expect(client.pendingWrites.get().count).toBe(0)
  await notes.cleanup()
  await until(() => expect(client.status.get().state).toBe('idle'))
  await client.close()
  expect(told).toEqual([
    'idle',
    'connecting',
    'connected',
    'reconnecting',
    'disconnected',
    'connected',
    'idle',
    'closed',
  ])
  expect(phases).toEqual(['idle', 'loading', 'live', 'stale', 'live', 'idle'])
})

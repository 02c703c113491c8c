import { afterAll, beforeAll, expect, test } from 'vitest'
import type { FrameProxy } from '../support/frame-proxy.ts'
import { holding, transparent } from '../support/frame-rules.ts'
import { createWorld, type World } from '../support/world.ts'
import { equalsServer, until } from './convergence.ts'
import { type LiveClient, type LiveOptions, openClient } from './live-client.ts'
import { watchSteadily } from './steady-watch.ts'

let world: World
let proxy: FrameProxy
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.stop())

const note = (id: string, title = id) => ({ id, slug: id, title })

async function clientOf(room: string, options: LiveOptions = {}): Promise<LiveClient> {
  proxy = await world.frameProxy()
  return openClient(world, room, { port: proxy.port, ...options })
}

/** Runs `meanwhile` while the client has no socket and cannot get one. */
async function away({ gate }: LiveClient, meanwhile: () => Promise<unknown>): Promise<void> {
  gate.shut()
  proxy.cut()
  await until(() => expect(gate.waiting).toBe(1))
  await meanwhile()
  gate.admit()
}

const newestLink = () => {
  const link = proxy.links.at(-1)
  if (!link) throw new Error('there was no connection yet')
  return link
}

test('a row that was deleted and made again while the client was away has its new value, and nothing else of that time is missing [B1]', async () => {
  const live = await clientOf('again')
  await world.sql('again', `INSERT INTO notes VALUES ('a', 'a', 'old'), ('b', 'b', 'old'), ('c', 'c', 'old')`)
  await live.notes.preload()
  await away(live, () =>
    world.control('again', 'write', {
      statements: [
        `DELETE FROM notes WHERE id = 'a'`,
        `INSERT INTO notes VALUES ('a', 'a', 'new')`,
        `UPDATE notes SET title = 'new' WHERE id = 'b'`,
        `DELETE FROM notes WHERE id = 'c'`,
        `INSERT INTO notes VALUES ('d', 'd', 'new')`,
      ],
    }),
  )
  await equalsServer(world, 'again', { notes: live.notes })
  expect(live.notes.get('a')?.title).toBe('new')
  // One pass, and no new load: within the retention a client only gets what it lacks.
  expect(newestLink().serverFrames('changes')).toHaveLength(1)
  expect(newestLink().serverFrames('chunk')).toEqual([])
})

test('a client that was away for inserts, updates and deletes in two collections gets them in one pass without loading anew [B5]', async () => {
  const live = await clientOf('one-pass')
  const { notes, todos } = live
  await world.sql('one-pass', `INSERT INTO notes VALUES ('a', 'a', 'old'), ('b', 'b', 'old')`)
  await Promise.all([notes.preload(), todos.preload()])
  await away(live, async () => {
    await world.sql('one-pass', `DELETE FROM notes WHERE id = 'a'`)
    await world.sql('one-pass', `UPDATE notes SET title = 'new'`)
    await world.sql('one-pass', `INSERT INTO todos (id, title) VALUES ('t', 'new')`)
  })
  await equalsServer(world, 'one-pass', { notes, todos })
  const [hello] = newestLink().clientFrames('hello')
  expect(hello?.at).not.toBeNull()
  expect(hello?.subs.map(({ joined }) => joined)).toEqual([true, true])
  expect(newestLink().clientFrames('join')).toEqual([])
  expect(newestLink().serverFrames('changes')).toHaveLength(1)
})

test('a collection whose first load was cut off while another one went on loads after the reconnect [B3]', async () => {
  const live = await clientOf('cut-load')
  const { notes, todos } = live
  await world.sql('cut-load', `INSERT INTO notes VALUES ('a', 'a', 'a')`)
  await todos.preload()
  proxy.rule = holding(({ frame }) => frame?.type === 'chunk' || frame?.type === 'joined')
  const loaded = notes.preload()
  await until(() => expect(newestLink().held).toHaveLength(2))
  await world.sql('cut-load', `INSERT INTO todos (id, title) VALUES ('t', 'advanced')`)
  await until(() => expect(todos.size).toBe(1))
  await away(live, async () => {
    proxy.rule = transparent
    await world.sql('cut-load', `INSERT INTO notes VALUES ('b', 'b', 'b')`)
  })
  await loaded
  await equalsServer(world, 'cut-load', { notes, todos })
})

test('a row of a half delivered first load that is deleted during the drop is not there afterwards, and nothing flashes [B4]', async () => {
  const room = 'half'
  const live = await clientOf(room)
  const { notes } = live
  await world.sql(
    room,
    `INSERT INTO notes SELECT 'n' || value, 'n' || value, replace(hex(zeroblob(70000)), '0', 'x') FROM json_each('[1,2,3,4]')`,
  )
  let chunks = 0
  proxy.rule = ({ frame }) => (frame?.type === 'chunk' && ++chunks === 2 ? 'last' : 'pass')
  live.gate.shut()
  live.gate.admit(1)
  const sizes = watchSteadily(() => notes.size)
  const loaded = notes.preload()
  await until(() => expect(live.gate.waiting).toBe(1))
  await world.sql(room, `DELETE FROM notes WHERE id = 'n1'`)
  live.gate.admit()
  await loaded
  expect(notes.toArray.map(({ id }) => id).sort()).toEqual(['n2', 'n3', 'n4'])
  await equalsServer(world, room, { notes })
  expect(sizes()).toEqual([0, 3])
})

test('a client that is slightly behind a hot row and a compaction gets a catch-up and no reset [B8]', async () => {
  const room = 'compacted'
  const live = await clientOf(room)
  const { notes } = live
  await world.sql(room, `INSERT INTO notes VALUES ('hot', 'hot', '0'), ('cold', 'cold', '0')`)
  await notes.preload()
  await away(live, async () => {
    await world.control(room, 'write', {
      statements: Array.from({ length: 200 }, (_, i) => `UPDATE notes SET title = '${i}' WHERE id = 'hot'`),
    })
    await world.compact(room)
    const [log] = await world.storageSql(room, `SELECT count(*) AS n FROM _sync_log WHERE key = 'hot'`)
    expect(log?.n).toBe(1)
  })
  await equalsServer(world, room, { notes })
  expect(newestLink().serverFrames('welcome')[0]?.reset).toBeUndefined()
  expect(newestLink().serverFrames('chunk')).toEqual([])
})

test('a catch-up of five hundred rows costs a bounded number of reads for each row [B11]', async () => {
  const room = 'five-hundred'
  const live = await clientOf(room)
  const { notes } = live
  await notes.preload()
  await away(live, async () => {
    await world.sql(
      room,
      `INSERT INTO notes WITH RECURSIVE c (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 500) SELECT 'n' || i, 'n' || i, '' FROM c`,
    )
    await world.resetCounts(room)
  })
  await until(() => expect(notes.size).toBe(500))
  expect((await world.stats(room)).rowsRead).toBeLessThan(500 * 6)
  await equalsServer(world, room, { notes })
})

test('a client converges by itself after the instance died with changes that it had not announced [B12]', async () => {
  const room = 'died'
  const live = await clientOf(room)
  const { notes } = live
  await notes.preload()
  await world.storageSql(room, `INSERT INTO notes VALUES ('a', 'a', 'evicted')`)
  await world.evict(room)
  await equalsServer(world, room, { notes })
  expect(proxy.links).toHaveLength(1)
  await world.storageSql(room, `INSERT INTO notes VALUES ('b', 'b', 'aborted')`)
  await world.abort(room)
  await equalsServer(world, room, { notes })
})

test('a change that got lost on the way is noticed with the next one: nothing is applied over the hole, and a new connection fills it [B12, R10]', async () => {
  const room = 'holes'
  const live = await clientOf(room)
  const { notes, client } = live
  await notes.preload()
  const causes: string[] = []
  client.status.subscribe(() => {
    const status = client.status.get()
    if (status.state === 'reconnecting') causes.push(status.cause.code)
  })
  // The second hole within a minute makes the position itself suspicious: everything is loaded again.
  for (const [hole, at] of [
    ['first', 'a position'],
    ['second', 'none'],
  ] as const) {
    const link = newestLink()
    const { length } = proxy.links
    let lost = 0
    proxy.rule = ({ from, frame }) =>
      from === 'server' && frame?.type === 'changes' && lost++ === 0 ? 'drop' : 'pass'
    await world.sql(room, `INSERT INTO notes VALUES ('${hole} lost', '${hole} lost', '')`)
    await until(() => expect(lost).toBe(1))
    await world.sql(room, `INSERT INTO notes VALUES ('${hole} next', '${hole} next', '')`)
    await equalsServer(world, room, { notes })
    expect(link.serverFrames('changes').length).toBeGreaterThan(1)
    expect(proxy.links).toHaveLength(length + 1)
    const [hello] = newestLink().clientFrames('hello')
    expect(hello?.at === null ? 'none' : 'a position').toBe(at)
  }
  expect(causes).toEqual(['position-gap', 'position-gap'])
})

test('a write that is made inside the reconnect delay travels on a socket that also restores every collection [B14]', async () => {
  const room = 'in-delay'
  // Long enough to be in it: the full width of the first delay is a second.
  const live = await clientOf(room, { environment: { random: () => 0.8 } })
  const { notes, todos, client } = live
  await Promise.all([notes.preload(), todos.preload()])
  proxy.cut()
  await until(() => expect(client.status.get().state).toBe('reconnecting'))
  const tx = notes.insert(note('mine'))
  await world.sql(room, `INSERT INTO todos (id, title) VALUES ('t', 'meanwhile')`)
  expect(proxy.links).toHaveLength(1)
  await tx.isPersisted.promise
  await equalsServer(world, room, { notes, todos })
  await world.sql(room, `UPDATE todos SET title = 'live'`)
  await equalsServer(world, room, { notes, todos })
  expect(proxy.links).toHaveLength(2)
})

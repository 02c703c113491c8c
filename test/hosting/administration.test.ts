import { afterAll, beforeAll, expect, test } from 'vitest'
import { RowSet } from '../support/row-set.ts'
import { createWorld, type World } from '../support/world.ts'
import { declaring, insertInto } from './frames.ts'
import { Site } from './site.ts'

let site: Site
let world: World
beforeAll(async () => {
  ;[site, world] = await Promise.all([Site.start(), createWorld()])
})
afterAll(() => Promise.all([site.stop(), world.stop()]))

const sample = (n: number, key: string) => insertInto('samples', 'cid-1', n, key)
const ownTables = `SELECT name FROM sqlite_master WHERE name GLOB '_sync_*'`

test('resyncAll makes connected clients load again, and a join after it is live', async () => {
  const client = await world.connect('again')
  await client.enter(declaring('cid-1'))
  await client.settle(sample(1, 'a'))
  const before = await client.join({ sub: 1, collection: 'samples' })
  await client.join({ sub: 2, collection: 'todos' })
  await world.control('again', 'resyncAll', {})
  expect([await client.next('restart'), await client.next('restart')]).toEqual([
    { type: 'restart', sub: 1, reason: 'requested' },
    { type: 'restart', sub: 2, reason: 'requested' },
  ])
  // A subscription that has to start over gets nothing live.
  await world.sql('again', `INSERT INTO samples (id) VALUES ('b')`)
  await client.expectNothing()
  const again = await client.join({ sub: 1, collection: 'samples' })
  expect(again.end.shape).not.toBe(before.end.shape)
  const rows = new RowSet()
  rows.join(again)
  expect(rows.sorted()).toEqual(await world.rows('again', 'samples'))
  await world.sql('again', `INSERT INTO samples (id) VALUES ('c')`)
  rows.pass('samples', await client.pass())
  expect(rows.sorted()).toEqual(await world.rows('again', 'samples'))
})

test('a client that was away during resyncAll is told to load again, and only once', async () => {
  const client = await world.connect('away')
  await client.enter()
  const { end } = await client.join({ sub: 1, collection: 'samples' })
  const { at } = client
  await client.close()
  await world.control('away', 'resyncAll', {})
  const sub = { id: 1, joined: true, collection: 'samples', shape: end.shape }
  const back = await world.connect('away')
  expect((await back.enter({ at, subs: [sub] })).welcome.subs).toEqual([
    { id: 1, is: 'restart', reason: 'shape' },
  ])
  const { end: renewed } = await back.join({ sub: 1, collection: 'samples' })
  await back.close()
  const third = await world.connect('away')
  const { welcome } = await third.enter({ at: back.at, subs: [{ ...sub, shape: renewed.shape }] })
  expect(welcome.subs).toEqual([{ id: 1, is: 'resume' }])
})

test('uninstallSync closes the sockets, removes the library and leaves the author’s rows [K2]', async () => {
  const client = await world.connect('removed')
  await client.enter(declaring('cid-1'))
  await client.settle(sample(1, 'kept'))
  await world.storageSql('removed', `CREATE TRIGGER _syncopated AFTER INSERT ON samples BEGIN SELECT 1; END`)
  await world.control('removed', 'uninstall', {})
  expect((await client.next('goodbye')).code).toBe(4500)
  expect((await client.ended()).code).toBe(4500)
  expect(await world.storageSql('removed', ownTables)).toEqual([])
  expect(await world.storageSql('removed', `SELECT name FROM sqlite_master WHERE type = 'trigger'`)).toEqual([
    { name: '_syncopated' },
  ])
  expect(await world.rows('removed', 'samples')).toHaveLength(1)
  // The tables can be written as if sync had never been there.
  await world.sql('removed', `INSERT INTO samples (id) VALUES ('later')`)
  const refused = await world.connect('removed')
  expect(await refused.next('goodbye')).toMatchObject({
    code: 4500,
    message: 'sync was uninstalled from this object',
  })
})

test('what was uninstalled and is registered again is another history: clients load anew and end equal [B9]', async () => {
  const client = await world.connect('reinstalled')
  await client.enter(declaring('cid-1'))
  const { end } = await client.join({ sub: 1, collection: 'samples' })
  await client.settle(sample(1, 'a'))
  const { at } = client
  await world.control('reinstalled', 'uninstall', {})
  await world.evict('reinstalled')
  await world.sql('reinstalled', `INSERT INTO samples (id) VALUES ('b')`)
  const back = await world.connect('reinstalled')
  const { welcome, pass } = await back.enter({
    ...declaring('cid-1'),
    at,
    subs: [{ id: 1, joined: true, collection: 'samples', shape: end.shape }],
  })
  expect(welcome.reset).toBe('lineage')
  expect(welcome.cids).toEqual([{ cid: 'cid-1', is: 'unknown', last: 0 }])
  expect(pass.from).toBeNull()
  const rows = new RowSet()
  rows.join(await back.join({ sub: 1, collection: 'samples' }))
  expect(rows.sorted()).toEqual(await world.rows('reinstalled', 'samples'))
})

test('registering again in a running object keeps sockets, subscriptions and numbers [C5, D11]', async () => {
  const client = await site.connect('/sync/registered')
  await client.enter(declaring('cid-1'))
  await client.settle(insertInto('things', 'cid-1', 1, 'a'))
  await client.join({ sub: 1, collection: 'things' })
  await site.call('CHANGEABLE', 'registered', 'register')
  const { outcomes, passes } = await client.settle(insertInto('things', 'cid-1', 2, 'b'))
  expect(outcomes).toEqual([{ cid: 'cid-1', n: 2, outcome: { is: 'committed' } }])
  expect(passes[0]?.frames[0]?.tables.things?.up).toEqual([['b', null]])
})

test('a call that waits for its permission while the object registers again runs once, however often it is sent [C5]', async () => {
  const client = await site.connect('/sync/waiting')
  await client.enter(declaring('cid-1'))
  await client.settle(insertInto('others', 'cid-1', 1, 'first'))
  const call = { cid: 'cid-1', n: 2, do: 'call', name: 'append', args: { id: 'a', afterMs: 150 } } as const
  client.push(call)
  await new Promise((resolve) => setTimeout(resolve, 50))
  await site.call('CHANGEABLE', 'waiting', 'register')
  client.push(call)
  const seen = []
  while (seen.length < 2) seen.push(...(await client.pass()).settled)
  expect(seen.map(({ n, outcome }) => [n, outcome.is])).toEqual([
    [2, 'committed'],
    [2, 'committed'],
  ])
  expect(await site.call('CHANGEABLE', 'waiting', 'storageSql', 'SELECT body FROM things')).toEqual([
    { body: 'x' },
  ])
})

test('what onSyncEvent writes while changes are told is told by itself, too [R27]', async () => {
  const client = await site.connect('/sync/listened')
  await client.enter(declaring('cid-1'))
  await client.join({ sub: 1, collection: 'things' })
  await site.call(
    'CHANGEABLE',
    'listened',
    'react',
    'flushed',
    "INSERT INTO things (id) VALUES ('of the event')",
  )
  const { passes } = await client.settle(insertInto('things', 'cid-1', 1, 'a'))
  const { frames } = await client.pass()
  expect([passes[0]?.frames[0], frames[0]].map((frame) => frame?.tables.things?.up)).toEqual([
    [['a', null]],
    [['of the event', null]],
  ])
})

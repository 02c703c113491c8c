import { afterAll, beforeAll, expect, test } from 'vitest'
import { declaring, insertInto } from '../hosting/frames.ts'
import { Site } from '../hosting/site.ts'
import { declared, sample } from '../protocol/items.ts'
import { Watcher } from '../protocol/watcher.ts'
import type { RawClient } from '../support/raw-client.ts'
import { createWorld, type World } from '../support/world.ts'

let site: Site
let world: World
beforeAll(async () => {
  ;[site, world] = await Promise.all([Site.start(), createWorld()])
})
afterAll(() => Promise.all([site.stop(), world.stop()]))

const TABLES = ['things', 'others', 'extras'] as const

/** A socket that shows three tables: subscriptions 1 to 3. */
async function subscriber(room: string): Promise<RawClient> {
  const client = await site.connect(`/sync/${room}`)
  await client.enter(declaring('cid-1'))
  for (const [i, collection] of TABLES.entries()) await client.join({ sub: i + 1, collection })
  return client
}

const write = (room: string, table: string, id: string) =>
  site.call('CHANGEABLE', room, 'syncSql', `INSERT INTO ${table} (id) VALUES ('${id}')`)
const configure = (room: string, collections: readonly string[]) =>
  site.call('CHANGEABLE', room, 'configure', { collections })

/** What the socket is told of the tables it shows. */
async function expectTold(
  client: RawClient,
  room: string,
  tables: readonly string[],
  id: string,
): Promise<void> {
  for (const table of TABLES) await write(room, table, id)
  const told = new Set<string>()
  while (told.size < tables.length)
    for (const frame of (await client.pass()).frames)
      for (const table of Object.keys(frame.tables)) told.add(table)
  expect([...told].sort()).toEqual([...tables].sort())
  await client.expectNothing(50)
}

test('a subscription whose collection is gone is told so, and the others are live [H2, D12]', async () => {
  const client = await subscriber('gone')
  await configure('gone', ['others', 'extras'])
  await site.evict('CHANGEABLE', 'gone')
  await write('gone', 'others', 'wake')
  expect(await client.next('refused')).toEqual({
    type: 'refused',
    re: 'subscription',
    sub: 1,
    code: 'unknown-collection',
    message: 'the collection "things" is gone',
  })
  await client.pass()
  await expectTold(client, 'gone', ['others', 'extras'], 'after')
  // It is not told again, and it is not there again.
  await site.evict('CHANGEABLE', 'gone')
  await expectTold(client, 'gone', ['others', 'extras'], 'later')
  client.send({ type: 'join', sub: 1, join: 99, collection: 'things' })
  expect(await client.next('refused')).toMatchObject({ re: 'join', code: 'unknown-collection' })
})

test('a collection that comes back can be joined again and shows what was written meanwhile [H2, D12]', async () => {
  const client = await subscriber('back')
  await configure('back', ['others'])
  await site.evict('CHANGEABLE', 'back')
  await write('back', 'things', 'unseen')
  for (const _ of [1, 2]) await client.next('refused')
  await configure('back', ['things', 'others'])
  await site.evict('CHANGEABLE', 'back')
  const { chunks } = await client.join({ sub: 1, collection: 'things' })
  expect(chunks.flatMap(({ up }) => up.map(([id]) => id))).toEqual(['unseen'])
  await write('back', 'things', 'seen')
  expect((await client.pass()).frames[0]?.tables.things?.up).toEqual([['seen', null]])
})

test('a subscription whose table has another shape starts over, and the others are live [H2, D11]', async () => {
  const client = await subscriber('reshaped')
  await site.call('CHANGEABLE', 'reshaped', 'storageSql', 'ALTER TABLE others ADD COLUMN more TEXT')
  await site.evict('CHANGEABLE', 'reshaped')
  await write('reshaped', 'things', 'wake')
  expect(await client.next('restart')).toEqual({ type: 'restart', sub: 2, reason: 'shape' })
  await client.pass()
  await expectTold(client, 'reshaped', ['things', 'extras'], 'after')
  const { chunks } = await client.join({ sub: 2, collection: 'others' })
  expect(chunks[0]?.cols).toEqual(['id', 'body', 'more'])
  await expectTold(client, 'reshaped', ['things', 'others', 'extras'], 'again')
})

test('sockets that slept while the object became impossible to set up are closed with 4500, and others refused [R12, H2]', async () => {
  const sleeping = await subscriber('broken')
  await configure('broken', ['things', 'ghosts'])
  await site.evict('CHANGEABLE', 'broken')
  sleeping.push(insertInto('things', 'cid-1', 1, 'a'))
  expect((await sleeping.next('goodbye')).code).toBe(4500)
  expect((await sleeping.ended()).code).toBe(4500)
  const refused = await site.connect('/sync/broken')
  expect((await refused.next('goodbye')).code).toBe(4500)
  expect(await site.call('CHANGEABLE', 'broken', 'storageSql', 'SELECT * FROM things')).toEqual([])
  // The author mends it, and everything is as it was.
  await configure('broken', TABLES)
  await site.evict('CHANGEABLE', 'broken')
  const back = await site.connect('/sync/broken')
  await back.enter(declaring('cid-1'))
  expect((await back.settle(insertInto('things', 'cid-1', 1, 'a'))).outcomes).toHaveLength(1)
})

test('a subscription that was left does not come back on a wake [H1]', async () => {
  const client = await subscriber('left')
  client.send({ type: 'leave', sub: 1 })
  await client.settle(insertInto('extras', 'cid-1', 1, 'a'))
  await site.evict('CHANGEABLE', 'left')
  await expectTold(client, 'left', ['others', 'extras'], 'after')
})

test('a table that can no longer be read is told to its subscribers, while receipts and other tables go on [H6]', async () => {
  const watcher = await Watcher.open(world, 'unreadable', ['samples', 'jobs'], declared)
  // Written, and gone before it is announced.
  await world.storageSql('unreadable', `INSERT INTO jobs (id, behaviour, delay) VALUES ('j', '', 0)`)
  await world.storageSql('unreadable', 'ALTER TABLE jobs RENAME TO elsewhere')
  watcher.client.push(sample(1, 'a'))
  expect(await watcher.client.next('refused')).toMatchObject({ re: 'subscription', sub: 2, code: 'internal' })
  const { frames, settled } = await watcher.pass()
  expect(settled).toHaveLength(1)
  expect(Object.keys(frames[0]?.tables ?? {})).toEqual(['samples'])
  await watcher.settle(sample(2, 'b'))
})

test('a sleeping socket keeps its principal, its claims and its client ids [H1, R2]', async () => {
  const claims = { userId: 'zoë', role: 'x'.repeat(3900) }
  const cids = Array.from({ length: 64 }, (_, i) => ({ cid: `${i}`.padEnd(36, 'c'), seen: 0 }))
  const client = await world.connect('attachment', null, {
    headers: { 'x-test-claims': JSON.stringify(claims).replace('ë', '\\u00eb') },
  })
  await client.enter({ cids })
  await client.join({ sub: 1, collection: 'samples' })
  for (const [i, { cid }] of cids.entries()) {
    if (i % 16 === 0) await world.evict('attachment')
    const { outcomes } = await client.settle({ ...sample(1, cid), cid })
    expect(outcomes).toEqual([{ cid, n: 1, outcome: { is: 'committed' } }])
  }
  const message = { author: 'zoë', content: '', created_at: 0 }
  expect(
    (await client.settle(insertInto('messages', cids[0]?.cid ?? '', 2, 'm', message))).outcomes[0]?.outcome
      .is,
  ).toBe('committed')
})

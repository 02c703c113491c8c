import type { PushItem, WireOp } from '@durable-sync/core/wire'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { call, declared, insert, mutate, remove, sample, skip, update } from '../protocol/items.ts'
import { Watcher } from '../protocol/watcher.ts'
import { WIDE_CLAIMS } from '../protocol/wide-claims.ts'
import { eventually } from '../support/deadline.ts'
import type { RawClient } from '../support/raw-client.ts'
import { createWorld, type World } from '../support/world.ts'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.stop())

const cost = async (room: string, act: () => Promise<unknown>) => {
  await world.resetCounts(room)
  await act()
  return world.stats(room)
}

/** A client in a room whose instance has written before: its era is there. */
async function warm(room: string, tables: string[] = ['samples']): Promise<Watcher> {
  const watcher = await Watcher.open(world, room, tables, declared)
  await watcher.settle(mutate(1, insert('samples', 'first', {}), insert('todos', 'first', { title: '' })))
  return watcher
}

/** The table of the README: what each operation writes, the subscriber's own frame included. */
test.each<[what: string, most: number, item: (n: number) => PushItem]>([
  ['an insert', 3, (n) => sample(n, `k${n}`)],
  [
    'an insert of many columns',
    3,
    (n) => mutate(n, insert('todos', 'k', { title: 'x', done: true, meta: { json: [1] } })),
  ],
  ['an update', 3, (n) => mutate(n, update('samples', 'first', { t: 'x' }))],
  ['an update that changes nothing', 3, (n) => mutate(n, update('samples', 'first', { t: null }))],
  ['a delete', 3, (n) => mutate(n, remove('samples', 'first'))],
  ['a delete of what is not there', 1, (n) => mutate(n, remove('samples', 'nothing'))],
  ['fifty inserts in one mutation', 101, (n) => mutate(n, ...fifty((key) => insert('samples', key, {})))],
  [
    'two updates of one row',
    5,
    (n) => mutate(n, update('samples', 'first', { i: 1 }), update('samples', 'first', { i: 2 })),
  ],
  ['a rejection', 2, (n) => mutate(n, insert('samples', '', {}))],
  // The counters count what was rolled back as well.
  [
    'a rejection that rolls fifty inserts back',
    102,
    (n) => mutate(n, ...fifty((key) => insert('samples', key, {})), insert('samples', 'first', {})),
  ],
  ['a call with a result', 2, (n) => call(n, 'echo', 1)],
  ['a number that is skipped', 2, (n) => skip(n)],
  ['a resend', 0, () => sample(1, 'first')],
])('%s writes at most %i rows [R25]', async (what, most, item) => {
  const room = what.replaceAll(' ', '-')
  const watcher = await warm(room)
  const { rowsWritten, byStatement } = await cost(room, () => watcher.settle(item(2)))
  console.log(`${what}: ${rowsWritten} rows written`)
  expect(rowsWritten, JSON.stringify(byStatement)).toBeLessThanOrEqual(most)
})

function fifty(op: (key: string) => WireOp): WireOp[] {
  return Array.from({ length: 50 }, (_, i) => op(`k${i}`))
}

test('the first write of an instance that wakes writes its era besides, and no other does [R1, R25]', async () => {
  const watcher = await warm('era')
  await world.evict('era')
  await world.resetCounts('era')
  const first = await cost('era', () => watcher.settle(sample(2, 'a')))
  expect(first.rowsWritten).toBe(4)
  expect(Object.keys(first.byStatement).join()).toContain('_sync_era')
  expect((await cost('era', () => watcher.settle(sample(3, 'b')))).rowsWritten).toBe(3)
})

test('a subscription costs nothing, neither when it joins nor when it ends [R25]', async () => {
  const { client } = await warm('subscription')
  expect(await written('subscription', () => client.join({ sub: 2, collection: 'todos' }))).toBe(0)
  expect(await written('subscription', () => leave(client, 2))).toBe(0)
})

test('a subscription for which its socket has no room costs a row when it joins and a row when it ends, and nothing between [R25]', async () => {
  await warm('no-room')
  const client = await world.connect('no-room', WIDE_CLAIMS)
  await client.enter({ client: 'wide', cids: [{ cid: 'cid-wide', seen: 0 }] })
  await client.join({ sub: 1, collection: 'samples' })
  expect(await written('no-room', () => client.join({ sub: 2, collection: 'todos' }))).toBe(1)
  await world.sql('no-room', `UPDATE todos SET title = 'a change'`)
  const told = () => written('no-room', () => client.pass())
  expect(await told()).toBe(0)
  expect(await written('no-room', () => leave(client, 2))).toBe(1)
})

test('what a client has seen is forgotten at a row each, and silence about it costs nothing [R25]', async () => {
  const { client } = await warm('seen')
  await client.settle(call(2, 'echo'), call(3, 'echo'))
  const seen = (upTo: number) => async () => {
    client.send({ type: 'seen', cids: [{ cid: 'cid-1', seen: upTo }] })
    await answer(client)
  }
  expect(await written('seen', seen(3))).toBe(2)
  expect(await written('seen', seen(3))).toBe(0)
})

test('pings, refused frames, gaps and resends write nothing [R25]', async () => {
  const { client } = await warm('chatter')
  const chatter = async () => {
    for (let i = 0; i < 5; i++) client.sendText('ping')
    client.sendText('no frame')
    await client.next('refused')
    client.push(sample(9, 'gap'))
    await client.next('refused')
    client.send({ type: 'join', sub: 5, join: 99, collection: 'nowhere' })
    await client.next('refused')
    client.send({ type: 'ack', bytes: 5 })
    await client.settle(skip(1))
    await eventually(
      () => client.pongs,
      (pongs) => pongs === 5,
      'the pongs',
    )
  }
  expect(await written('chatter', chatter)).toBe(0)
})

test('an instance that wakes and finds nothing to do writes nothing [H1, R25]', async () => {
  const watcher = await warm('wake')
  for (let i = 0; i < 3; i++) {
    await world.evict('wake')
    // Counted from the construction on.
    expect((await world.stats('wake')).rowsWritten).toBe(0)
  }
  await answer(watcher.client)
  expect((await world.stats('wake')).rowsWritten).toBe(0)
})

test('a client that comes back costs nothing, however much it missed [B5, R25]', async () => {
  const watcher = await warm('resume', ['samples', 'todos', 'notes'])
  await world.sql(
    'resume',
    'WITH RECURSIVE c (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 100) INSERT INTO samples (id) SELECT i FROM c',
  )
  await watcher.client.close()
  const { rowsWritten, byStatement } = await cost('resume', () => watcher.resume())
  await watcher.expectEqual()
  expect(rowsWritten, JSON.stringify(byStatement)).toBe(0)
})

test('a client that comes and shows nothing costs nothing [R25]', async () => {
  await warm('visitor')
  const visit = async () => {
    const visitor = await world.connect('visitor', { userId: 'bob' })
    await visitor.enter({ client: 'visitor', cids: [{ cid: 'cid-2', seen: 0 }] })
    await visitor.close()
  }
  expect(await written('visitor', visit)).toBe(0)
})

async function written(room: string, act: () => Promise<unknown>): Promise<number> {
  return (await cost(room, act)).rowsWritten
}

async function leave(client: RawClient, sub: number): Promise<void> {
  client.send({ type: 'leave', sub })
  await answer(client)
}

/** What was said before it has been dealt with when it is answered. */
async function answer(client: RawClient): Promise<void> {
  client.send({ type: 'page', request: 1, sub: 1, after: [], limit: 1 })
  await client.until('refused')
}

import type { PushItem } from '@durable-sync/core/wire'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { declared, insert, mutate, remove, sample, update } from '../protocol/items.ts'
import { Watcher } from '../protocol/watcher.ts'
import { createWorld, type World } from '../support/world.ts'

/** Enough for what a write looks up, and far from anything that grows with the data. */
const FEW = 25

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.stop())

async function rowsRead(room: string, act: () => Promise<unknown>): Promise<number> {
  await world.resetCounts(room)
  await act()
  return (await world.stats(room)).rowsRead
}

const fill = (room: string, from: number, count: number) =>
  world.storageSql(
    room,
    `WITH RECURSIVE c (i) AS (SELECT ? UNION ALL SELECT i + 1 FROM c WHERE i + 1 < ?)
     INSERT INTO samples (id, i) SELECT printf('%06d', i), i FROM c`,
    from,
    from + count,
  )

const WRITES: readonly (readonly [string, (n: number) => PushItem])[] = [
  ['an insert', (n) => sample(n, `k${n}`)],
  ['an update', (n) => mutate(n, update('samples', 'k1', { t: `${n}` }))],
  [
    'an insert and an update of two tables',
    (n) => mutate(n, insert('todos', `k${n}`, { title: '' }), update('samples', 'k1', { i: n })),
  ],
  ['a rejection', (n) => mutate(n, insert('samples', '', {}))],
  ['a delete', (n) => mutate(n, remove('samples', 'k1'))],
]

test('what a small write reads does not grow with the table, the log, the clients seen before, or the watchers', async () => {
  const read = async (room: string) => {
    const watcher = await Watcher.open(world, room, ['samples', 'todos'], declared)
    await watcher.settle(sample(1, 'k1'))
    const counts: Record<string, number> = {}
    for (const [i, [what, item]] of WRITES.entries())
      counts[what] = await rowsRead(room, () => watcher.settle(item(i + 2)))
    return counts
  }
  const small = await read('small')
  console.log('rows read', small)
  for (const [what, count] of Object.entries(small)) expect(count, what).toBeLessThanOrEqual(FEW)

  await fill('large', 0, 5000)
  await world.storageSql(
    'large',
    `WITH RECURSIVE c (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 2000)
     INSERT INTO _sync_cid (cid, principal, last, seen_at) SELECT 'old ' || i, 'somebody', 1, ${Date.now()} FROM c`,
  )
  for (let i = 0; i < 20; i++) await Watcher.open(world, 'large', ['samples'], { client: `watcher ${i}` })
  // The first turn after this compacts and sweeps.
  await world.sql('large', `INSERT INTO samples (id) VALUES ('x')`)
  expect(await read('large')).toEqual(small)
})

test('a wake reads what its sockets lack, and nothing that grows with the data [H1]', async () => {
  const woken = async (room: string) => {
    await Watcher.open(world, room, ['samples'], declared)
    await world.sql(room, `INSERT INTO samples (id) VALUES ('x')`)
    await world.evict(room)
    return (await world.stats(room)).rowsRead
  }
  const small = await woken('wake-small')
  await fill('wake-large', 0, 5000)
  const large = await woken('wake-large')
  console.log('rows read on a wake', { small, large })
  expect(large).toBeLessThanOrEqual(small + 2)
})

test('a resume reads the rows that changed, each once, and not the table [B11]', async () => {
  await fill('resume', 0, 5000)
  const watcher = await Watcher.open(world, 'resume', ['samples'], declared)
  await world.sql('resume', `UPDATE samples SET t = 'changed' WHERE i < 500`)
  await watcher.client.close()
  const read = await rowsRead('resume', () => watcher.resume())
  console.log('rows read by a resume of 500 changes', read)
  expect(read).toBeLessThan(500 * 5)
  await watcher.expectEqual()
})

test('a join reads each row of the table once, also where a filter has no index [B3, B11]', async () => {
  await fill('join', 0, 5000)
  const client = await world.connect('join')
  await client.enter()
  const whole = { sub: 1, collection: 'samples' }
  const part = { ...whole, where: { op: 'gte', column: 'i', value: 2500 } } as const
  const read = []
  for (const spec of [whole, part]) read.push(await rowsRead('join', () => client.join(spec)))
  console.log('rows read by a join of 5000 rows, and of half of them', read)
  for (const rows of read) expect(rows).toBeLessThanOrEqual(5000 + FEW)
})

test('those who come back from one position have what changed read once for all of them, and what changes then again [B11, R25]', async () => {
  const watchers: Watcher[] = []
  for (let i = 0; i < 20; i++)
    watchers.push(await Watcher.open(world, 'together', ['samples'], { client: `watcher ${i}` }))
  for (const { client } of watchers) await client.close()
  await world.sql('together', `INSERT INTO samples (id) VALUES ('a'), ('b'), ('c')`)
  await fill('together', 0, 500)
  const [first, ...others] = watchers
  const alone = await rowsRead('together', async () => void (await first?.resume()))
  const all = await rowsRead('together', () => Promise.all(others.map((watcher) => watcher.resume())))
  console.log('rows read by a resume of 503 changes, and by 19 more', { alone, all })
  expect(alone).toBeGreaterThan(503)
  expect(all).toBeLessThan(others.length * FEW)
  await world.sql('together', `UPDATE samples SET t = 'changed' WHERE id < 'b'`)
  for (const watcher of watchers) {
    await watcher.pass()
    await watcher.expectEqual()
  }
  for (const watcher of watchers) await watcher.client.close()
  await world.sql('together', `DELETE FROM samples WHERE id = 'a'`)
  for (const watcher of watchers) {
    await watcher.resume()
    await watcher.expectEqual()
  }
})

import type { PushItem } from '@durable-sync/core/wire'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { declared, insert, mutate, remove, update } from '../protocol/items.ts'
import { Watcher } from '../protocol/watcher.ts'
import { createWorld, type World } from '../support/world.ts'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.stop())

const ROWS = 300
const FEW = 3

/** A room whose instance has announced something, with rows `k0` … that its log knows, and the next number. */
async function filled(room: string, rows: number): Promise<{ watcher: Watcher; next: number }> {
  const watcher = await Watcher.open(world, room, ['samples'], declared)
  await world.sql(
    room,
    `WITH RECURSIVE c (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM c WHERE i + 1 < ${rows})
     INSERT INTO samples (id, i) SELECT 'k' || i, i FROM c`,
  )
  await watcher.pass()
  for (const n of [1, 2, 3]) await watcher.settle(mutate(n, update('samples', 'k0', { i: n })))
  return { watcher, next: 4 }
}

/** What one mutation reads and writes, of `turns` turns with `perTurn` of them in each. */
async function each(
  what: string,
  perTurn: number,
  turns: number,
  item: (n: number) => PushItem,
  rows = ROWS,
) {
  const room = what.replaceAll(' ', '-')
  const { watcher, next } = await filled(room, rows)
  await world.resetCounts(room)
  for (let turn = 0; turn < turns; turn++) {
    const first = next + turn * perTurn
    await watcher.settle(...Array.from({ length: perTurn }, (_, i) => item(first + i)))
  }
  const { rowsRead, rowsWritten, byStatement, readByStatement } = await world.stats(room)
  const count = perTurn * turns
  const counted = { read: rowsRead / count, written: rowsWritten / count }
  console.log(`${what}, ${perTurn} a turn`, counted)
  return { ...counted, why: JSON.stringify({ byStatement, readByStatement }) }
}

const KINDS: readonly (readonly [what: string, item: (n: number) => PushItem, alone: number])[] = [
  ['an insert', (n) => mutate(n, insert('samples', `new${n}`, { i: n })), 3],
  ['an update', (n) => mutate(n, update('samples', `k${n}`, { i: n })), 4],
  ['a delete', (n) => mutate(n, remove('samples', `k${n}`)), 3],
]

test.each(KINDS)(
  '%s alone in its turn reads no more than its row, what announces it and the witness, and writes three rows [R25]',
  async (what, item, most) => {
    const { read, written, why } = await each(`${what} alone`, 1, 10, item)
    expect(read, why).toBeLessThanOrEqual(most)
    expect(written, why).toBeLessThanOrEqual(3)
  },
)

test.each(KINDS)(
  '%s among fifty of its client in a turn writes its row and its log row, reads both, and shares the rest [R25]',
  async (what, item, most) => {
    const { read, written, why } = await each(`${what} of fifty`, 50, 4, item)
    // Alone it also reads the row that was announced last, and writes that of the client id.
    expect(read, why).toBeLessThanOrEqual(most - 1 + 0.02)
    expect(written, why).toBeLessThanOrEqual(2 + 1 / 50)
  },
)

test('many updates of one row in one turn read it once to announce it [R25, R26]', async () => {
  const item = (n: number) => mutate(n, update('samples', 'k0', { i: n }))
  const { read, why } = await each('one row', 50, 4, item)
  expect(read, why).toBeLessThanOrEqual(2 + 2 / 50)
})

/** What 10,000 of them cost in the long run, compactions included. */
async function longRun(what: string, item: (n: number) => PushItem) {
  const counted = await each(what, 500, 20, item, FEW)
  const room = what.replaceAll(' ', '-')
  const before = await world.stats(room)
  await world.compact(room)
  const after = await world.stats(room)
  return { ...counted, before: before.databaseSize, after: after.databaseSize }
}

test('ten thousand updates of one row, in turns of a client, write two rows each with the compactions, and take no storage once compacted [R25]', async () => {
  const { watcher } = await filled('ten-thousand-none', FEW)
  await world.compact('ten-thousand-none')
  const { databaseSize } = await world.stats('ten-thousand-none')
  const { read, written, after, why } = await longRun('ten thousand updates', (n) =>
    mutate(n, update('samples', 'k0', { i: n })),
  )
  expect(written, why).toBeLessThanOrEqual(2.02)
  expect(read, why).toBeLessThanOrEqual(3.1)
  expect(after).toBeLessThanOrEqual(databaseSize * 1.05)
  await watcher.expectEqual()
})

test('ten thousand inserts write nothing for their compactions, and read a row each [R25]', async () => {
  const { read, written, why } = await longRun('ten thousand inserts', (n) =>
    mutate(n, insert('samples', `new${n}`, { i: n })),
  )
  expect(written, why).toBeLessThanOrEqual(2.01)
  expect(read, why).toBeLessThanOrEqual(3.1)
})

/** What a compaction of the log that this statement makes costs, for each entry that goes. */
async function compacting(room: string, statement: string) {
  await world.storageSql(room, statement)
  const entries = async () =>
    Number((await world.storageSql(room, 'SELECT count(*) AS n FROM _sync_log'))[0]?.n)
  const before = await entries()
  await world.resetCounts(room)
  await world.compact(room)
  const { rowsRead, rowsWritten } = await world.stats(room)
  const after = await entries()
  const counted = { before, after, rowsRead, rowsWritten, gone: before - after }
  console.log(room, counted)
  return counted
}

/** `rows` rows that are each written `times` times. */
const written = (rows: number, times: number) =>
  `INSERT OR REPLACE INTO samples (id, i)
   WITH RECURSIVE c (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM c WHERE i + 1 < ${rows * times})
   SELECT 'k' || (i % ${rows}), i FROM c`

test('a compaction writes what stays once, and an eighth of a row for each update of a thousand rows [R25]', async () => {
  const { after, gone, rowsRead, rowsWritten } = await compacting('updates', written(1000, 9))
  expect(after).toBe(1001)
  expect(rowsWritten / gone).toBeLessThanOrEqual(1 / 8 + 0.01)
  expect(rowsRead / gone).toBeLessThanOrEqual(10 / 8 + 0.02)
})

test('a log of a hundred thousand entries of few keys is compacted at a row read for each [R25]', async () => {
  const { before, after, rowsRead, rowsWritten } = await compacting('long', written(10, 10_000))
  expect(after).toBe(11)
  expect(rowsRead / before).toBeLessThanOrEqual(1.01)
  expect(rowsWritten).toBeLessThan(30)
})

test('a log of more keys than are told apart in memory is compacted at three rows read for each, and one written for each that goes [R25]', async () => {
  const { before, after, gone, rowsRead, rowsWritten } = await compacting('wide', written(50_000, 2))
  expect(after).toBe(50_001)
  expect(rowsRead / before).toBeLessThanOrEqual(3.5)
  expect(rowsWritten / gone).toBeLessThanOrEqual(1.01)
})

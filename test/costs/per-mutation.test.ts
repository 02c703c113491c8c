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

/** A room whose instance has announced something, with rows `k0` … that its log knows, and the next number. */
async function filled(room: string): Promise<{ watcher: Watcher; next: number }> {
  const watcher = await Watcher.open(world, room, ['samples'], declared)
  await world.sql(
    room,
    `WITH RECURSIVE c (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM c WHERE i + 1 < ${ROWS})
     INSERT INTO samples (id, i) SELECT 'k' || i, i FROM c`,
  )
  await watcher.pass()
  for (const n of [1, 2, 3]) await watcher.settle(mutate(n, update('samples', 'k0', { i: n })))
  return { watcher, next: 4 }
}

/** What one mutation reads and writes, of `turns` turns with `perTurn` of them in each. */
async function each(what: string, perTurn: number, turns: number, item: (n: number) => PushItem) {
  const room = what.replaceAll(' ', '-')
  const { watcher, next } = await filled(room)
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
  '%s among fifty of its turn reads its log row and its row, and shares the rest [R25]',
  async (what, item, most) => {
    const { read, written, why } = await each(`${what} of fifty`, 50, 4, item)
    // Alone it also reads the row that was announced last.
    expect(read, why).toBeLessThanOrEqual(most - 1 + 0.02)
    expect(written, why).toBeLessThanOrEqual(3)
  },
)

test('many updates of one row in one turn read it once to announce it [R25, R26]', async () => {
  const item = (n: number) => mutate(n, update('samples', 'k0', { i: n }))
  const { read, why } = await each('one row', 50, 4, item)
  expect(read, why).toBeLessThanOrEqual(2 + 2 / 50)
})

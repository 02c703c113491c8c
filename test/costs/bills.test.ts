import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { fillBlock } from '../bench/publish.ts'
import { readDocument, root } from '../documents/code-blocks.ts'
import { createWorld, type World } from '../support/world.ts'
import { bill, fullBill, usageOf } from './bill.ts'
import { billText } from './bill-text.ts'
import { type UnitCosts, unitCosts } from './unit-costs.ts'

const DOCUMENT = 'PERFORMANCE.md'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.stop())

/** Numbers that are easy to reckon with. */
const ROUND: UnitCosts = {
  insert: { read: 10, written: 3 },
  insertOfMany: { read: 5, written: 2 },
  update: { read: 20, written: 4 },
  subscription: { read: 1, written: 2 },
  loadedRow: { read: 1, written: 0 },
  missedRow: { read: 3, written: 0 },
  newRoom: { read: 0, written: 0, tables: 1, bytes: 0 },
}

test('a bill adds up what was worked out by hand', () => {
  const usage = usageOf(
    {
      inserts: 20e6,
      updates: 10e6,
      connects: 2e6,
      subscriptionsOfAClient: 1,
      loadedRows: 100e6,
      missedRows: 50e6,
      connectedHours: 100_000,
      heard: 'seldom',
      audience: 1000,
      stored: 7,
    },
    ROUND,
  )
  expect(usage).toEqual({
    // 2e6 connections, and 30e6 writes, 4e6 messages of connections and 14.4e6 pings, 20 of which are one request.
    requests: 2e6 + 48.4e6 / 20,
    // 30e6 writes of 140 ms and 2e6 connections of 10 ms.
    duration: 4_220_000 * 0.128,
    rowsRead: 200e6 + 200e6 + 2e6 + 100e6 + 150e6,
    rowsWritten: 60e6 + 40e6 + 4e6,
    stored: 7,
  })
  // 3.42 million requests, 140,160 GB-s, 54 million rows written and 2 GB are beyond what is included.
  expect(bill(usage)).toBeCloseTo(3.42 * 0.15 + 1.752 + 54 + 0.4)
  expect(fullBill(usage)).toBeCloseTo(4.42 * 0.15 + 6.752 + 0.652 + 104 + 1.4)
})

test('PERFORMANCE.md has the bills that follow from what the object reads and writes now', async () => {
  const costs = await unitCosts(world)
  console.log('counted', costs)
  expect(costs.insert.written).toBe(3)
  const current = readDocument(DOCUMENT)
  const wanted = fillBlock(current, 'bills', billText(costs))
  if (process.env.WRITE_MATRIX) writeFileSync(join(root, DOCUMENT), wanted)
  else
    expect(
      current,
      `${DOCUMENT} is out of date: WRITE_MATRIX=1 npx vitest run test/costs/bills.test.ts`,
    ).toBe(wanted)
})

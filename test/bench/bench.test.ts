import { mkdtempSync, rmSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { standings } from './aims.ts'
import { GROWTHS } from './growth/growth.ts'
import { runGrowth } from './growth/run-growth.ts'
import { growthTables, markdownTables } from './markdown-table.ts'
import { runBench } from './run-bench.ts'
import type { Scale } from './scale.ts'
import { ALONE } from './tanstack-alone.ts'
import type { Workload } from './workload.ts'
import { WORKLOADS } from './workloads.ts'

const testFolder = fileURLToPath(new URL('..', import.meta.url))

const SOAK = process.env.DURABLE_SYNC_SOAK !== undefined
/**
 * Without the soak, one for each way to measure: clients of both sides and a warm-up; TanStack DB alone; counts of rows; an object that is
 * restarted; pages of Chromium; a heap with a limit. The others have the clients and the control of these.
 */
const TELLING = ['W1', 'W2a', 'W6', 'W8', 'W10', 'W11', 'W12']
/** What is measured, in the order of `npm run bench`. A second round of each would only be a warm-up; the first one of all has it. */
const MEASURED = WORKLOADS.filter(({ name }) => SOAK || TELLING.includes(name)).map(
  (workload, n): Workload => (SOAK || n === 0 ? workload : { ...workload, kind: 'counted' }),
)
/** How many of a setting there are has a column each; without the soak, rows and clients. */
const GROWN = GROWTHS.filter(({ name }) => SOAK || ['G1', 'G2'].includes(name))

const TINY: Scale = {
  sequentialWrites: 3,
  burstWrites: 120,
  insertsInFlight: 50,
  audience: 3,
  audienceWrites: 4,
  snapshotRows: 60,
  missedChanges: 6,
  storedAlone: 3,
  storedInserts: 60,
  storedUpdates: 60,
  cutOff: 8,
  filters: 3,
  filteredWrites: 12,
  keptRows: 60,
  keptChanges: 6,
  keptWrites: 10,
  heldRows: 100,
  heldSockets: 3,
  missedRows: 6,
}

/** A round trip is measured on the floor only; the adapter for React, and a room to read again, exist only in the product. */
const FLOOR_ONLY = /^floor: /
const PRODUCT_ONLY = /^(React|again: |client with a storage|what it loads)/
/** The floor reads no rows to write one, not every system tells what a process used, and few rows are less than what a collection finds. */
const MAY_BE_NOTHING = /^rows read|^CPU of the server|^memory of (a client|the object: (growth|the same))/

const profiles = mkdtempSync(join(tmpdir(), 'profiles-'))
afterAll(() => rmSync(profiles, { recursive: true, force: true }))

test('workloads find all their figures, for the product and for its floor', async () => {
  const said: string[] = []
  const run = (workloads: readonly Workload[], profile?: string) =>
    runBench({
      testFolder,
      workloads,
      scale: TINY,
      runs: 1,
      compression: 'none',
      profile,
      say: (text) => said.push(text),
    })
  const [inPages, others] = [true, false].map((is) => MEASURED.filter(({ name }) => (name === 'W10') === is))
  const results = [...(await run(others ?? [])), ...(await run(inPages ?? [], profiles))]
  const names = MEASURED.map(({ name }) => name)
  expect(results.map(({ name }) => name).sort()).toEqual(names.sort())
  for (const side of ['product', 'floor', ALONE])
    expect(said).toContainEqual(expect.stringMatching(`hottest, page of ${side}: .*\\w`))
  const kept = ['page', 'object', 'clients'].map((where) => `W10-product-${where}.cpuprofile`)
  expect(await readdir(profiles)).toEqual(expect.arrayContaining(kept))
  for (const { name, figures, sides: measured } of results) {
    for (const { name: figure, sides, ratios } of figures) {
      const { product, floor } = sides
      const which = `${name}: ${figure}`
      if (MAY_BE_NOTHING.test(figure)) continue
      if (!FLOOR_ONLY.test(figure)) expect(product?.median, which).toBeGreaterThan(0)
      if (measured.includes('floor') && !PRODUCT_ONLY.test(figure))
        expect(floor?.median, which).toBeGreaterThan(0)
      if (product && floor) expect(ratios.floor?.median, which).toBeGreaterThan(0)
    }
  }
  expect(markdownTables(results).match(/^### /gm)).toHaveLength(MEASURED.length)
  expect(said).toContain('W1: 3 rows written one after another')
  const alone = results.filter(({ figures: [first] }) => (first?.ratios[ALONE]?.median ?? 0) > 0)
  expect(alone.map(({ name }) => name)).toEqual(['W2a', 'W10'])
  const unfound = standings(results).filter(({ found }) => found === undefined)
  expect(unfound.filter(({ workload }) => MEASURED.some(({ name }) => name === workload))).toEqual([])
}, 300_000)

test('every aim is one for a figure of a workload', () => {
  const all = ['W1', 'W2a', 'W2b', 'W3', 'W4', 'W5', 'W6', 'W7', 'W8', 'W9', 'W10', 'W11', 'W12']
  expect(WORKLOADS.map(({ name }) => name)).toEqual(all)
  const named = new Map(WORKLOADS.map(({ name, figures }) => [name, figures.map(({ name }) => name)]))
  for (const { workload, figure } of standings([])) expect(named.get(workload), workload).toContain(figure)
})

test('how the cost of a write grows is found for every size, and what it writes does not grow', async () => {
  const growths = GROWN.map((growth) => ({
    ...growth,
    sizes: growth.sizes.map((_, i) => [1, 3, 6][i] ?? 1),
  }))
  const results = await runGrowth({ testFolder, growths, writes: 3, runs: 1, say: () => {} })
  expect(results.map(({ name }) => name)).toEqual(GROWN.map(({ name }) => name))
  for (const { name, figures } of results) {
    for (const { name: figure, sides } of figures) {
      expect(Object.keys(sides).sort(), `${name}: ${figure}`).toEqual(['1', '3', '6'])
      if (figure !== 'rows written, a write') continue
      expect(new Set(Object.values(sides).map(({ median }) => median)), name).toEqual(new Set([3]))
    }
  }
  expect(growthTables(results)).toContain('| 1 | 3 | 6 | 6 ÷ 1 |')
}, 300_000)

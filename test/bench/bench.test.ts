import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { standings } from './aims.ts'
import { GROWTHS } from './growth/growth.ts'
import { runGrowth } from './growth/run-growth.ts'
import { growthTables, markdownTables } from './markdown-table.ts'
import { runBench } from './run-bench.ts'
import type { Scale } from './scale.ts'
import { ALONE } from './tanstack-alone.ts'
import { WORKLOADS } from './workloads.ts'

const testFolder = fileURLToPath(new URL('..', import.meta.url))

const TINY: Scale = {
  sequentialWrites: 3,
  burstWrites: 120,
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

test('every workload finds all its figures, for the product and for its floor', async () => {
  const said: string[] = []
  const results = await runBench({
    testFolder,
    workloads: WORKLOADS,
    scale: TINY,
    runs: 1,
    compression: 'none',
    say: (text) => said.push(text),
  })
  expect(results.map(({ name }) => name)).toEqual([
    'W1',
    'W2a',
    'W2b',
    'W3',
    'W4',
    'W5',
    'W6',
    'W7',
    'W8',
    'W9',
    'W10',
    'W11',
  ])
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
  expect(markdownTables(results).match(/^### /gm)).toHaveLength(WORKLOADS.length)
  expect(said).toContain('W1: 3 rows written one after another')
  const alone = results.filter(({ figures: [first] }) => (first?.ratios[ALONE]?.median ?? 0) > 0)
  expect(alone.map(({ name }) => name)).toEqual(['W2a', 'W10'])
  // An aim that names no figure would be an aim for nobody.
  expect(standings(results).filter(({ found }) => found === undefined)).toEqual([])
}, 300_000)

test('how the cost of a write grows is found for every size, and what it writes does not grow', async () => {
  const growths = GROWTHS.map((growth) => ({
    ...growth,
    sizes: growth.sizes.map((_, i) => [1, 3, 6][i] ?? 1),
  }))
  const results = await runGrowth({ testFolder, growths, writes: 3, runs: 1, say: () => {} })
  expect(results.map(({ name }) => name)).toEqual(['G1', 'G2', 'G3', 'G4'])
  for (const { name, figures } of results) {
    for (const { name: figure, sides } of figures) {
      expect(Object.keys(sides).sort(), `${name}: ${figure}`).toEqual(['1', '3', '6'])
      if (figure !== 'rows written, a write') continue
      expect(new Set(Object.values(sides).map(({ median }) => median)), name).toEqual(new Set([3]))
    }
  }
  expect(growthTables(results)).toContain('| 1 | 3 | 6 | 6 ÷ 1 |')
}, 300_000)

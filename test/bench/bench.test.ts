import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { markdownTables } from './markdown-table.ts'
import { runBench } from './run-bench.ts'
import type { Scale } from './scale.ts'
import { WORKLOADS } from './workloads.ts'

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
}

/** A round trip is measured on the floor only; the adapter for React, and a room to read again, exist only in the product. */
const FLOOR_ONLY = /^floor: /
const PRODUCT_ONLY = /^(React|again: |client with a storage|what it loads)/
/** The floor reads no rows to write one, and not every system tells what a process used. */
const MAY_BE_NOTHING = /^rows read|^CPU of the server/

test('every workload finds all its figures, for the product and for its floor', async () => {
  const said: string[] = []
  const results = await runBench({
    testFolder: fileURLToPath(new URL('..', import.meta.url)),
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
  ])
  for (const { name, figures } of results) {
    for (const { name: figure, sides, ratios } of figures) {
      const { product, floor } = sides
      const which = `${name}: ${figure}`
      if (MAY_BE_NOTHING.test(figure)) continue
      if (!FLOOR_ONLY.test(figure)) expect(product?.median, which).toBeGreaterThan(0)
      if (!PRODUCT_ONLY.test(figure)) expect(floor?.median, which).toBeGreaterThan(0)
      if (product && floor) expect(ratios.floor?.median, which).toBeGreaterThan(0)
    }
  }
  expect(markdownTables(results).match(/^### /gm)).toHaveLength(WORKLOADS.length)
  expect(said).toContain('W1: 3 rows written one after another')
}, 120_000)

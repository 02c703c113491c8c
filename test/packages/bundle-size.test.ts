import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { pageBundle } from '../support/page-bundle.ts'

const testFolder = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '')

const bundle = async (code: string, external: readonly string[] = []) => {
  const { atOnce, ...others } = await pageBundle(testFolder, code, external)
  return { ...atOnce, ...others }
}

/**
 * Budgets in gzipped bytes, about 3 % above what was measured when they were set. Raise one only with its reason. `client` keeps nothing beyond the page;
 * `kept` is the same with a storage, as it is loaded at once, and `storage` and `tabs` what is loaded for it later, and `later` what filters and collections on demand are. The server has the reading of snapshots, what
 * makes pushes and receipts short on their way, what bounds the answers to those who come back, what bounds a turn and what waits for one, where
 * subscriptions outlive a sleep, what says which constraint refused a write, and what notices a turn that was rolled back.
 * The panel is what devtools add to a client. Whether rows that came with the page are all that somebody asks for is told at once: on a server
 * nothing is loaded later.
 */
const BUDGET = {
  client: 49_900,
  later: 6_200,
  kept: 59_600,
  tabs: 8_180,
  storage: 13_540,
  all: 86_800,
  server: 42_500,
  adapter: 1_024,
  panel: 6_700,
}

/** What only a filter needs, and what only collections on demand do. */
const FILTERS = /\/collection\/compiled-filter\.ts|\/wire\/(?:row-matcher|match-pattern)\.ts/
const SUBSETS =
  /\/collection\/(?:held-places|index-warning|key-requests|order-warning|subset-manager|subset-plan|worst-state)\.ts|\/wire\/cell-order\.ts/

const CLIENT =
  "export { SyncClient, createSync, doCollectionOptions, WebSocketTransport } from '@durable-sync/core'"

/** What only a room needs that is kept beyond the page. */
const KEEPS =
  /core\/src\/(?:persistence|tabs)\/|\/client\/(?:client-room|following-link|keeping|kept-device-use|kept-room|migrate-mutation|plain-error|relay|room-tabs|stored-shapes)\.ts|\/collection\/(?:pending-overlay|pending-rows|pending-views|values-matcher)\.ts|node_modules\/idb\//
/** What tabs say to each other. */
const TABS = /core\/src\/tabs\/|\/client\/(?:following-link|plain-error|relay|room-tabs)\.ts/
/** What works with the database. */
const ENGINE =
  /\/persistence\/(?:blind-write|compaction|database-connection|device-database|known-queue|room-database)\.ts|node_modules\/idb\//

test('a client without a storage holds nothing that keeps a room, and never loads any of it', async () => {
  const { gzipBytes, inputs, later } = await bundle(CLIENT)
  console.log(`client: ${gzipBytes} bytes gzipped, partysocket included`)
  expect(inputs).toContain('core/src/client/sync-engine.ts')
  expect([...inputs, ...later.inputs].filter((input) => KEEPS.test(input))).toEqual([])
  expect(gzipBytes).toBeLessThan(BUDGET.client)
})

test('what only filters and collections on demand need is loaded later, by itself', async () => {
  const { inputs, later } = await bundle(CLIENT)
  console.log(`client: ${later.gzipBytes} bytes gzipped later, for filters and collections on demand`)
  const isLate = (input: string) => FILTERS.test(input) || SUBSETS.test(input)
  expect(inputs.filter(isLate)).toEqual([])
  expect(later.inputs.filter((input) => !isLate(input))).toEqual([])
  for (const part of [
    'collection/compiled-filter',
    'wire/row-matcher',
    'collection/subset-manager',
    'wire/cell-order',
  ])
    expect(later.inputs).toContain(`core/src/${part}.ts`)
  expect(later.gzipBytes).toBeLessThan(BUDGET.later)
})

test('a client with a storage loads what works with the database, and with other tabs, by itself', async () => {
  const { gzipBytes, inputs, part } = await bundle(
    `${CLIENT}; export { indexedDBStorage } from '@durable-sync/core'`,
  )
  const [opened, tabs] = [part('persistence/open-device.ts'), part('client/room-tabs.ts')]
  console.log(
    `client with storage: ${gzipBytes} bytes gzipped at once, ${opened.gzipBytes} when the storage is opened, ${tabs.gzipBytes} for tabs`,
  )
  expect(inputs.filter((input) => ENGINE.test(input) || TABS.test(input))).toEqual([])
  for (const file of ['core/src/persistence/room-database.ts', 'core/src/persistence/database-connection.ts'])
    expect(opened.inputs).toContain(file)
  const isStorage = (input: string) => /core\/src\/persistence\/|node_modules\/idb\//.test(input)
  // What a window needs, collections on demand need as well.
  expect(opened.inputs.filter((input) => !isStorage(input) && !SUBSETS.test(input))).toEqual([])
  for (const file of ['core/src/client/relay.ts', 'core/src/tabs/tabs.ts'])
    expect(tabs.inputs).toContain(file)
  expect(tabs.inputs.filter((input) => !TABS.test(input) && !SUBSETS.test(input))).toEqual([])
  expect(gzipBytes).toBeLessThan(BUDGET.kept)
  expect(opened.gzipBytes).toBeLessThan(BUDGET.storage)
  expect(tabs.gzipBytes).toBeLessThan(BUDGET.tabs)
})

test('the whole of core stays within its budget and holds no TanStack DB', async () => {
  const { gzipBytes, inputs, later } = await bundle("export * from '@durable-sync/core'")
  console.log(`everything: ${gzipBytes + later.gzipBytes} bytes gzipped`)
  const all = [...inputs, ...later.inputs]
  expect(all.filter((input) => /@tanstack|core\/src\/(?:devtools|test-server)\//.test(input))).toEqual([])
  expect(gzipBytes + later.gzipBytes).toBeLessThan(BUDGET.all)
})

test('the devtools stay within their budget, and in production the bus of TanStack Devtools is not among them', async () => {
  const client = "export { SyncClient, createSync, doCollectionOptions } from '@durable-sync/core'"
  const without = await bundle(client)
  const { gzipBytes, inputs } = await bundle(`${client}; export * from '@durable-sync/core/devtools'`)
  const panel = gzipBytes - without.gzipBytes
  console.log(`devtools: ${panel} bytes gzipped, beside a client`)
  expect(inputs).toContain('core/src/devtools/panel/sync-panel.ts')
  expect(without.inputs.filter((input) => input.startsWith('core/src/devtools/'))).toEqual([])
  expect(inputs.filter((input) => /devtools-event-client.*\/plugin\.js$/.test(input))).toEqual([])
  expect(panel).toBeLessThan(BUDGET.panel)
})

test('the server bundle stays within its budget, and of core it holds only the wire', async () => {
  const { gzipBytes, inputs } = await bundle("export * from '@durable-sync/server'", ['cloudflare:workers'])
  console.log(`server: ${gzipBytes} bytes gzipped`)
  const fromCore = inputs.filter((input) => input.startsWith('core/'))
  expect(fromCore.length).toBeGreaterThan(0)
  expect(fromCore.filter((input) => !input.startsWith('core/src/wire/'))).toEqual([])
  expect(gzipBytes).toBeLessThan(BUDGET.server)
})

test.each([
  ['react', ['react']],
  ['vue', ['vue']],
  ['solid', ['solid-js']],
  ['svelte', ['svelte', 'svelte/reactivity']],
] as const)('the %s adapter adds next to nothing', async (name, framework) => {
  const there = [...framework, '@durable-sync/core', `@tanstack/${name}-db`]
  const { gzipBytes } = await bundle(`export * from '@durable-sync/${name}'`, there)
  console.log(`${name}: ${gzipBytes} bytes gzipped`)
  expect(gzipBytes).toBeLessThan(BUDGET.adapter)
})

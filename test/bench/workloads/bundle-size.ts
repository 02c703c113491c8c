import { pageBundle } from '../../support/page-bundle.ts'
import type { Side } from '../side.ts'
import { type Measurement, NOTHING_TO_CLOSE, type Workload } from '../workload.ts'

const ALONE = 'client, gzipped'
const WITH_TANSTACK = 'client and `createCollection`, gzipped'
const KEPT = 'client with a storage, gzipped'
const OPENED = 'what it loads when the storage is opened, gzipped'
const TABS = 'what it loads for other tabs, gzipped'
const FILTERS = 'what it loads for a filter, gzipped'
const ON_DEMAND = 'what it loads for a collection on demand, gzipped'
const REACT = 'React adapter, gzipped'

const CLIENT = 'createSync, doCollectionOptions, SyncClient, WebSocketTransport'

/** What a page imports beside its client: the framework, and what binds TanStack DB to it. */
const FRAMEWORKS = {
  React: ["'react-dom/client'", 'createRoot', 'SyncProvider'],
  Vue: ["'vue'", 'createApp', 'createSyncPlugin'],
  Solid: ["'solid-js/web'", 'render', 'SyncProvider'],
  Svelte: ["'svelte'", 'mount', 'setSyncClient'],
} as const

type Framework = keyof typeof FRAMEWORKS

const pageOf = (framework: Framework) => `page with ${framework} and \`useLiveQuery\`, gzipped`
const NAMES = Object.keys(FRAMEWORKS) as Framework[]

/** W7: minified, dependencies included. The floor is the bench's own client, which keeps nothing; its pages have no adapter of ours. */
export const bundleSize: Workload = {
  name: 'W7',
  title: () => 'size of what a browser loads',
  kind: 'counted',
  figures: [
    { name: ALONE, unit: 'bytes' },
    { name: WITH_TANSTACK, unit: 'bytes' },
    { name: KEPT, unit: 'bytes' },
    { name: OPENED, unit: 'bytes' },
    { name: TABS, unit: 'bytes' },
    { name: FILTERS, unit: 'bytes' },
    { name: ON_DEMAND, unit: 'bytes' },
    { name: REACT, unit: 'bytes' },
    ...NAMES.map((name) => ({ name: pageOf(name), unit: 'bytes' as const })),
  ],
  prepare: async (side, { testFolder }) => ({
    measure: () => measure(side, testFolder),
    close: NOTHING_TO_CLOSE,
  }),
}

async function measure({ name }: Side, testFolder: string): Promise<Measurement> {
  const client =
    name === 'product'
      ? `export { ${CLIENT} } from '@durable-sync/core'`
      : "export * from './bench/bare-client.ts'"
  const bundled = await pageBundle(testFolder, client)
  const figures: Record<string, number> = {
    [ALONE]: bundled.atOnce.gzipBytes,
    [WITH_TANSTACK]: await gzippedBytes(
      testFolder,
      `${client}\nexport { createCollection } from '@tanstack/db'`,
    ),
  }
  for (const framework of NAMES)
    figures[pageOf(framework)] = await gzippedBytes(
      testFolder,
      `${client}\n${bindings(framework)}\n${name === 'product' ? adapterOf(framework) : ''}`,
    )
  if (name === 'floor') return figures
  const adapter = await gzippedBytes(testFolder, "export * from '@durable-sync/react'", [
    'react',
    '@tanstack/*',
    '@durable-sync/core',
  ])
  const kept = await pageBundle(
    testFolder,
    `export { ${CLIENT}, indexedDBStorage } from '@durable-sync/core'`,
  )
  const filters = bundled.part(FILTERS_PART).gzipBytes
  return {
    ...figures,
    [KEPT]: kept.atOnce.gzipBytes,
    [OPENED]: kept.part('persistence/open-device.ts').gzipBytes,
    [TABS]: kept.part('client/room-tabs.ts').gzipBytes,
    [FILTERS]: filters,
    [ON_DEMAND]: filters + bundled.part('collection/subset-manager.ts').gzipBytes,
    [REACT]: adapter,
  }
}

function bindings(framework: Framework): string {
  const [from, start] = FRAMEWORKS[framework]
  return `export { ${start} } from ${from}
export { createCollection, useLiveQuery } from '@tanstack/${framework.toLowerCase()}-db'`
}

const adapterOf = (framework: Framework): string =>
  `export { ${FRAMEWORKS[framework][2]}, useSyncedCollection } from '@durable-sync/${framework.toLowerCase()}'`

const FILTERS_PART = 'collection/compiled-filter.ts'

/** What a page loads at once whose module is `code`. */
export async function gzippedBytes(folder: string, code: string, external: string[] = []): Promise<number> {
  return (await pageBundle(folder, code, external)).atOnce.gzipBytes
}

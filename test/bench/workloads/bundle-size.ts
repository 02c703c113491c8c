import { pageBundle } from '../../support/page-bundle.ts'
import type { Side } from '../side.ts'
import { type Measurement, NOTHING_TO_CLOSE, type Workload } from '../workload.ts'

const ALONE = 'client, gzipped'
const WITH_TANSTACK = 'client and `createCollection`, gzipped'
const KEPT = 'client with a storage, gzipped'
const LATER = 'what it loads when the storage is opened, gzipped'
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
    { name: LATER, unit: 'bytes' },
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
  const figures: Record<string, number> = {
    [ALONE]: await gzippedBytes(testFolder, client),
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
  const kept = `export { ${CLIENT}, indexedDBStorage } from '@durable-sync/core'`
  const { atOnce, later } = await pageBundle(testFolder, kept)
  return { ...figures, [KEPT]: atOnce.gzipBytes, [LATER]: later.gzipBytes, [REACT]: adapter }
}

function bindings(framework: Framework): string {
  const [from, start] = FRAMEWORKS[framework]
  return `export { ${start} } from ${from}
export { createCollection, useLiveQuery } from '@tanstack/${framework.toLowerCase()}-db'`
}

const adapterOf = (framework: Framework): string =>
  `export { ${FRAMEWORKS[framework][2]}, useSyncedCollection } from '@durable-sync/${framework.toLowerCase()}'`

/** All that a page loads whose module is `code`, at once or later. */
export async function gzippedBytes(folder: string, code: string, external: string[] = []): Promise<number> {
  const { atOnce, later } = await pageBundle(folder, code, external)
  return atOnce.gzipBytes + later.gzipBytes
}

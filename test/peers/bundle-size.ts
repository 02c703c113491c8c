import { join } from 'node:path'
import { type Measurement, NOTHING_TO_CLOSE, type Workload } from '../bench/workload.ts'
import { gzippedBytes } from '../bench/workloads/bundle-size.ts'
import { pageBundle } from '../support/page-bundle.ts'

const SYNC = 'client that syncs, gzipped'
const DEVICE = 'client that also keeps its rows on the device, gzipped'

interface Imports {
  readonly sync: string
  /** In addition. */
  readonly device: string
  /** Files that are then loaded by an `import()`. */
  readonly later?: readonly string[]
}

/** What this bench imports, by the name of the side. */
const IMPORTS: Readonly<Record<string, Imports>> = {
  product: {
    sync: `export { doCollectionOptions, SyncClient, WebSocketTransport } from '@durable-sync/core'
export { createCollection } from '@tanstack/db'`,
    device: "export { createSync, indexedDBStorage } from '@durable-sync/core'",
    later: ['persistence/open-device.ts', 'client/room-tabs.ts'],
  },
  TinyBase: {
    sync: `export { createMergeableStore } from 'tinybase/mergeable-store'
export { createWsSynchronizer } from 'tinybase/synchronizers/synchronizer-ws-client'`,
    device: "export { createIndexedDbPersister } from 'tinybase/persisters/persister-indexed-db'",
  },
  Yjs: {
    sync: `export { Doc } from 'yjs'
export { default as YProvider } from 'y-partyserver/provider'`,
    device: "export { IndexeddbPersistence } from 'y-indexeddb'",
  },
}

/** W7: minified, dependencies included. */
export const bundleSize: Workload = {
  name: 'W7',
  title: () => 'size of what a browser loads',
  kind: 'counted',
  figures: [
    { name: SYNC, unit: 'bytes' },
    { name: DEVICE, unit: 'bytes' },
  ],
  prepare: async ({ name }, { testFolder }) => ({
    measure: () => measure(name, join(testFolder, 'peers')),
    close: NOTHING_TO_CLOSE,
  }),
}

async function measure(side: string, folder: string): Promise<Measurement> {
  const imports = IMPORTS[side]
  if (!imports) return {}
  const { sync, device, later = [] } = imports
  const { atOnce, part } = await pageBundle(folder, `${sync}\n${device}`)
  return {
    [SYNC]: await gzippedBytes(folder, sync),
    [DEVICE]: later.reduce((bytes, source) => bytes + part(source).gzipBytes, atOnce.gzipBytes),
  }
}

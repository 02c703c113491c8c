import { product } from '../bench/product.ts'
import type { Side, SideOptions } from '../bench/side.ts'
import { inTanStackDB } from './in-tanstack-db.ts'
import { tinybase } from './tinybase.ts'
import { yjs } from './yjs.ts'

/** A side, and the Worker that has its rooms. */
export interface Contestant {
  readonly name: string
  /** The entry module, in the folder `test`. */
  readonly script: string
  readonly objects: Readonly<Record<string, string>>
  readonly side: (options: SideOptions) => Side
  /** Only these workloads. Default: all of them. */
  readonly only?: readonly string[]
}

const YJS = { script: 'peers/worker/yjs-entry.ts', objects: { YJS: 'YjsRoom' } } as const

/** The first is compared with each other one. */
export const CONTESTANTS: readonly Contestant[] = [
  {
    name: 'product',
    script: 'bench/worker/entry.ts',
    objects: { SYNCED: 'SyncedRoom', BARE: 'BareRoom' },
    side: product,
  },
  {
    name: 'TinyBase',
    script: 'peers/worker/tinybase-entry.ts',
    objects: { TINYBASE: 'TinyBaseRoom' },
    side: tinybase,
  },
  { name: 'Yjs', ...YJS, side: yjs },
  {
    name: 'Yjs in TanStack DB',
    ...YJS,
    side: (options) => inTanStackDB(yjs(options)),
    // Nothing else depends on who shows the rows.
    only: ['W2a', 'W2b', 'W3', 'W4', 'W5'],
  },
]

/** Those that a workload runs against. */
export const contestantsOf = (workload: string): readonly Contestant[] =>
  CONTESTANTS.filter(({ only }) => only?.includes(workload) ?? true)

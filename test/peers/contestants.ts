import { product } from '../bench/product.ts'
import type { Side, SideOptions } from '../bench/side.ts'
import { tinybase } from './tinybase.ts'
import { yjs } from './yjs.ts'

/** A side, and the Worker that has its rooms. */
export interface Contestant {
  readonly name: string
  /** The entry module, in the folder `test`. */
  readonly script: string
  readonly objects: Readonly<Record<string, string>>
  readonly side: (options: SideOptions) => Side
}

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
  { name: 'Yjs', script: 'peers/worker/yjs-entry.ts', objects: { YJS: 'YjsRoom' }, side: yjs },
]

import type { Block, Cell } from '../wire/index.ts'
import { digestKey } from '../wire/key-digest.ts'

export interface FoldedRow {
  readonly cols: readonly string[]
  readonly cells: readonly Cell[]
}

export interface FoldedBlocks {
  /** The last version of each row that is present. */
  readonly up: ReadonlyMap<string, FoldedRow>
  /** Keys whose last word was a delete. */
  readonly del: ReadonlySet<string>
  /** Digests of keys that were removed, under the same salt. A key of `up` came after its digest. */
  readonly gone: ReadonlySet<number>
}

/**
 * The net effect of blocks that arrived in this order. A catch-up deletes rows that an earlier chunk brought, and a key that was deleted
 * may come back; within one block the deletes come first, so that a block that says both keeps the row. `salt` is that of digested keys.
 */
export function foldBlocks(blocks: readonly Block[], key: string, salt: string): FoldedBlocks {
  const up = new Map<string, FoldedRow>()
  const del = new Set<string>()
  const gone = new Set<number>()
  for (const block of blocks) {
    for (const gone of block.del) {
      up.delete(gone)
      del.add(gone)
    }
    if (block.gone && block.gone.length > 0) {
      for (const digest of block.gone) gone.add(digest)
      const digests = new Set(block.gone)
      for (const name of up.keys()) if (digests.has(digestKey(salt, name))) up.delete(name)
    }
    const at = block.cols.indexOf(key)
    for (const cells of block.up) {
      const name = cells[at]
      // Keys are text by law (R15). A row without one cannot be placed, and one bad row must not cost the others.
      if (typeof name !== 'string') continue
      del.delete(name)
      up.set(name, { cols: block.cols, cells })
    }
  }
  return { up, del, gone }
}

import type { Block, Cell, ChangesFrame } from '@durable-sync/core/wire'
import type { Joined, Pass } from './raw-client.ts'

export type StoredRow = Readonly<Record<string, Cell>>

/** The rows of one table as a client would hold them: the simplest possible reader of the stream. */
export class RowSet {
  readonly #key: string
  readonly #rows = new Map<string, StoredRow>()

  constructor(key = 'id') {
    this.#key = key
  }

  /** Applies one block. Upserts first: no key is in both. */
  block({ cols, up, del }: Block): void {
    for (const values of up) {
      const row = Object.fromEntries(cols.map((name, i) => [name, values[i] ?? null]))
      this.#rows.set(String(row[this.#key]), row)
    }
    for (const key of del) this.#rows.delete(key)
  }

  changes(table: string, frames: readonly ChangesFrame[]): void {
    for (const frame of frames) {
      const block = frame.tables[table]
      if (block) this.block(block)
    }
  }

  /** Applies a pass of changes to `table`. */
  pass(table: string, pass: Pass): void {
    this.changes(table, pass.frames)
  }

  /** Applies a whole join of this table, replacing everything when it says so. */
  join({ chunks, end }: Joined): void {
    if (end.replace) this.#rows.clear()
    for (const chunk of chunks) this.block(chunk)
  }

  get size(): number {
    return this.#rows.size
  }

  get(key: string): StoredRow | undefined {
    return this.#rows.get(key)
  }

  /** The rows in the order of their keys, by code unit. */
  sorted(): StoredRow[] {
    return [...this.#rows].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, row]) => row)
  }
}

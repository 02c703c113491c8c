import { ProtocolError, type SyncError } from '../errors.ts'
import { foldBlocks } from '../stream/fold-blocks.ts'
import type { RowCommit } from '../stream/row-commit.ts'
import type { SyncSurface } from './collection-options-shape.ts'
import { rowDecoder } from './decode-row.ts'

/**
 * The one place that writes into a TanStack collection. It holds for `@tanstack/db` from 0.9 on:
 *
 * - An upsert is `update` without a key under `rowUpdateMode: 'full'`. `insert` of a held key throws.
 * - A commit is accepted when `commit()` returns and becomes visible when no transaction of the collection is persisting. Nothing here
 *   waits for that: the handler that would end the wait may be waiting for us.
 * - A replaced set is written as the difference. `truncate` would drop what pending writes show on old versions.
 */
export class SyncWriter<Row extends object> {
  readonly #surface: SyncSurface<Row>
  readonly #getKey: (row: Row) => string
  /** The rows that the server has given, by key. */
  readonly #held = new Set<string>()
  #broken: SyncError | undefined

  constructor(surface: SyncSurface<Row>, getKey: (row: Row) => string) {
    this.#surface = surface
    this.#getKey = getKey
  }

  /** Why the rows cannot be shown: a mistake in the options. Undefined while there is none. */
  get broken(): SyncError | undefined {
    return this.#broken
  }

  /** @throws ProtocolError `key-mismatch` when `getKey` does not return the key column; the collection is then in error for good. */
  apply(commit: RowCommit): void {
    if (this.#broken) return
    try {
      this.#write(commit)
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error
      this.#broken = error
      this.#surface.markError(error)
      throw error
    }
  }

  /**
   * Ends what is left of a settled write. Up to 0.11 its optimistic row stays until the next commit, so a write that changed nothing
   * on the server would stay for ever; from 0.12 on an empty commit does nothing.
   */
  retireOverlays(): void {
    this.#surface.begin()
    this.#surface.commit()
  }

  ready(): void {
    if (!this.#broken) this.#surface.markReady()
  }

  /** Only before the first `ready`: an error of a ready collection empties the live queries over it. */
  fail(error: SyncError): void {
    this.#surface.markError(error)
  }

  #write({ blocks, key, kinds, as }: RowCommit): void {
    const { up, del } = foldBlocks(blocks, key)
    const gone = as === 'merge' ? del : [...this.#held].filter((held) => !up.has(held))
    const deleted = [...gone].filter((each) => this.#held.has(each))
    // All that can fail is done before the transaction is open: one that stays open would swallow the next.
    const rows = this.#rowsOf(up, key, kinds)
    if (rows.length === 0 && deleted.length === 0) return
    this.#surface.begin()
    for (const each of deleted) {
      this.#surface.write({ type: 'delete', key: each })
      this.#held.delete(each)
    }
    for (const { name, value } of rows) {
      this.#surface.write({ type: 'update', value })
      this.#held.add(name)
    }
    this.#surface.commit()
  }

  #rowsOf(up: ReturnType<typeof foldBlocks>['up'], key: string, kinds: RowCommit['kinds']) {
    const rows: { name: string; value: Row }[] = []
    let cols: readonly string[] | undefined
    let decode: ReturnType<typeof rowDecoder> | undefined
    for (const [name, row] of up) {
      if (!decode || row.cols !== cols) {
        cols = row.cols
        decode = rowDecoder(cols, kinds)
      }
      const value = decode(row.cells) as Row
      if (this.#getKey(value) !== name) {
        throw new ProtocolError('key-mismatch', `getKey must return the key column, which is "${key}"`)
      }
      rows.push({ name, value })
    }
    return rows
  }
}

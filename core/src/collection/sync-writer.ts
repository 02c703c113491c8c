import { ProtocolError, type SyncError } from '../errors.ts'
import type { FoldedRow } from '../stream/fold-blocks.ts'
import type { Kinds } from '../wire/index.ts'
import type { SyncSurface } from './collection-options-shape.ts'
import { rowDecoder } from './decode-row.ts'
import type { RowChanges } from './held-rows.ts'

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
  #broken: SyncError | undefined
  #receipt: Promise<unknown> | undefined

  constructor(surface: SyncSurface<Row>, getKey: (row: Row) => string) {
    this.#surface = surface
    this.#getKey = getKey
  }

  /** Why the rows cannot be shown: a mistake in the options. Undefined while there is none. */
  get broken(): SyncError | undefined {
    return this.#broken
  }

  /** Settles when everything that was written is visible; undefined when it is already. */
  get receipt(): Promise<unknown> | undefined {
    return this.#receipt
  }

  /**
   * Throws whatever a listener of the application throws: the rows are accepted then.
   * @throws ProtocolError `key-mismatch` when `getKey` does not return the key column; the collection is then in error for good.
   */
  write({ up, del }: Pick<RowChanges, 'up' | 'del'>, key: string, kinds: Kinds): void {
    if (this.#broken) return
    let rows: readonly Row[]
    try {
      // All that can fail is done before the transaction is open: one that stays open would swallow the next.
      rows = this.#rowsOf(up, key, kinds)
    } catch (cause) {
      const error = cause instanceof ProtocolError ? cause : keyMismatch(key, cause)
      this.break(error)
      throw error
    }
    this.#commit(rows, del)
  }

  /** Deletes rows that nobody holds any more. */
  remove(keys: readonly string[]): void {
    if (!this.#broken) this.#commit([], keys)
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

  /** The options are wrong: nothing will ever be shown. */
  break(error: SyncError): void {
    this.#broken = error
    this.#surface.markError(error)
  }

  #commit(rows: readonly Row[], deleted: readonly string[]): void {
    if (rows.length === 0 && deleted.length === 0) return
    this.#surface.begin()
    for (const key of deleted) this.#surface.write({ type: 'delete', key })
    for (const value of rows) this.#surface.write({ type: 'update', value })
    const receipt = this.#surface.commit()
    if (!(receipt instanceof Promise)) return
    // It rejects when the collection is cleaned up first: then nobody waits any more.
    const settled = receipt.then(
      () => undefined,
      () => undefined,
    )
    this.#receipt = settled
    void settled.then(() => {
      if (this.#receipt === settled) this.#receipt = undefined
    })
  }

  #rowsOf(up: ReadonlyMap<string, FoldedRow>, key: string, kinds: Kinds): Row[] {
    const rows: Row[] = []
    let cols: readonly string[] | undefined
    let decode: ReturnType<typeof rowDecoder> | undefined
    for (const [name, row] of up) {
      if (!decode || row.cols !== cols) {
        cols = row.cols
        decode = rowDecoder(cols, kinds)
      }
      const value = decode(row.cells) as Row
      if (this.#getKey(value) !== name) {
        throw keyMismatch(key)
      }
      rows.push(value)
    }
    return rows
  }
}

const keyMismatch = (key: string, cause?: unknown) =>
  new ProtocolError('key-mismatch', `getKey must return the key column, which is "${key}"`, { cause })

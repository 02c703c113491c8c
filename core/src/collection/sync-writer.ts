import { ProtocolError, type SyncError } from '../errors.ts'
import type { FoldedRow } from '../stream/fold-blocks.ts'
import type { RowCommit } from '../stream/row-commit.ts'
import type { Kinds } from '../wire/index.ts'
import type { SyncSurface } from './collection-options-shape.ts'
import { rowDecoder } from './decode-row.ts'
import type { PendingOp, PlacedWrite } from './pending-op.ts'
import type { PendingOverlay, ShownChanges, ShownRows } from './pending-overlay.ts'
import type { AdoptedWrite } from './writers.ts'

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
  readonly #overlay: PendingOverlay<Row> | undefined
  #broken: SyncError | undefined
  #receipt: Promise<unknown> | undefined
  #retired: () => void = () => {}

  /** `overlay`: what is shown of writes that are not settled; undefined where nothing outlives the page, and TanStack DB shows them. */
  constructor(surface: SyncSurface<Row>, getKey: (row: Row) => string, overlay?: PendingOverlay<Row>) {
    this.#surface = surface
    this.#getKey = getKey
    this.#overlay = overlay
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
  write(changes: ShownChanges, key: string, kinds: Kinds): void {
    if (this.#broken) return
    const { up, del } = changes
    const left = this.#overlay?.left(changes)
    let rows: readonly Row[]
    try {
      // All that can fail is done before the transaction is open: one that stays open would swallow the next.
      rows = this.#rowsOf(left?.size ? [...up, ...left] : up, key, kinds)
    } catch (cause) {
      const error = cause instanceof ProtocolError ? cause : keyMismatch(key, cause)
      this.break(error)
      throw error
    }
    this.#show(this.#overlay ? this.#overlay.accept(changes, rows, this.#getKey) : { rows, deleted: del })
  }

  /** Why rows that were kept, or came with the page, are none of this collection: another version of the application had another key. */
  misfit({ blocks, key, kinds }: Pick<RowCommit, 'blocks' | 'key' | 'kinds'>): ProtocolError | undefined {
    const first = blocks.find(({ up }) => up.length > 0)
    const cells = first?.up[0]
    if (!first || !cells) return undefined
    const { cols } = first
    try {
      this.#rowsOf([[String(cells[cols.indexOf(key)]), { cols, cells }]], key, kinds)
      return undefined
    } catch (cause) {
      return cause instanceof ProtocolError ? cause : keyMismatch(key, cause)
    }
  }

  /** Deletes rows that nobody holds any more. */
  remove(keys: readonly string[]): void {
    if (this.#broken) return
    this.#show({ rows: [], deleted: this.#overlay?.release(keys) ?? keys })
  }

  /** TanStack DB shows the write, by a transaction of this collection. `originals` are the rows before it, one for each operation. */
  begin(write: PlacedWrite, ops: readonly PendingOp[], originals: readonly (object | null)[]): void {
    this.#overlay?.begin(write, ops, originals)
  }

  /** TanStack DB is about to show the write no more. */
  project(write: string): void {
    this.#show(this.#overlay?.project(write))
  }

  /** Shows writes that no transaction of this collection shows. */
  adopt(writes: readonly AdoptedWrite[]): void {
    this.#show(this.#overlay?.adopt(writes))
  }

  /** The write is decided. */
  settle(write: string): void {
    this.#show(this.#overlay?.settle(write))
  }

  /**
   * Ends what is left of a settled write. Up to 0.11 its optimistic row stays until the next commit, so a write that changed nothing
   * on the server would stay for ever; from 0.12 on an empty commit does nothing.
   */
  retireOverlays(): void {
    this.#surface.begin()
    this.#surface.commit()
    this.#retired()
  }

  /** Called when a transaction has completed, and what TanStack DB has held back for it may have become visible. */
  whenRetired(listener: () => void): void {
    this.#retired = listener
  }

  ready(): void {
    if (this.#broken) return
    this.showPending()
    this.#surface.markReady()
  }

  /** From here on what is pending is shown. */
  showPending(): void {
    this.#show(this.#overlay?.show())
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

  #show(shown: ShownRows<Row> | undefined): void {
    if (this.#broken || !shown) return
    const { rows, deleted } = shown
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

  #rowsOf(folded: Iterable<readonly [key: string, row: FoldedRow]>, key: string, kinds: Kinds): Row[] {
    const rows: Row[] = []
    let cols: readonly string[] | undefined
    let decode: ReturnType<typeof rowDecoder> | undefined
    for (const [name, row] of folded) {
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

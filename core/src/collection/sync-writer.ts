import { ProtocolError, type SyncError } from '../errors.ts'
import type { FoldedRow } from '../stream/fold-blocks.ts'
import type { RowCommit } from '../stream/row-commit.ts'
import type { Kinds } from '../wire/index.ts'
import type { SyncSurface } from './collection-options-shape.ts'
import { rowDecoder } from './decode-row.ts'
import type { RowChanges } from './held-rows.ts'
import type { PendingOp, PlacedWrite } from './pending-op.ts'
import type { PendingRows } from './pending-rows.ts'
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
  readonly #pending: PendingRows<Row> | undefined
  #pendingIs: 'waiting' | 'shown' = 'waiting'
  #broken: SyncError | undefined
  #receipt: Promise<unknown> | undefined
  #retired: () => void = () => {}

  /** `pending`: what is shown of writes that are not settled; undefined where nothing outlives the page, and TanStack DB shows them. */
  constructor(surface: SyncSurface<Row>, getKey: (row: Row) => string, pending?: PendingRows<Row>) {
    this.#surface = surface
    this.#getKey = getKey
    this.#pending = pending
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
    const left = this.#pending ? leftOf(changes, this.#pending) : NOTHING
    let rows: readonly Row[]
    try {
      // All that can fail is done before the transaction is open: one that stays open would swallow the next.
      rows = this.#rowsOf(left.size > 0 ? [...up, ...left] : up, key, kinds)
    } catch (cause) {
      const error = cause instanceof ProtocolError ? cause : keyMismatch(key, cause)
      this.break(error)
      throw error
    }
    if (!this.#pending) {
      this.#commit(rows, del)
      return
    }
    const held = rows.slice(0, up.size)
    this.#accept(this.#pending, held, rows.slice(up.size), del)
    const nowhere = new Set(this.#pending.forgetKept())
    this.#commitUnder(this.#pending, held, changes, (name) => left.has(name) || nowhere.has(name))
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
    for (const key of keys) this.#pending?.keep(key)
    this.#commit(
      [],
      keys.filter((key) => !this.#pending?.has(key)),
    )
  }

  /** TanStack DB shows the write, by a transaction of this collection. `originals` are the rows before it, one for each operation. */
  begin(write: PlacedWrite, ops: readonly PendingOp[], originals: readonly (object | null)[]): void {
    this.#pending?.add(write, ops, 'transaction', (i) => plainRow(originals[i]))
  }

  /** TanStack DB is about to show the write no more: from here on its operations are in the rows. */
  project(write: string): void {
    this.#rewrite(this.#pending?.project(write) ?? [])
  }

  /** Shows writes that no transaction of this collection shows. */
  adopt(writes: readonly AdoptedWrite[]): void {
    const pending = this.#pending
    if (!pending) return
    const fresh = writes.filter(({ write }) => !pending.knows(write.id))
    for (const { write, ops, before } of fresh)
      pending.add(write, ops, 'projected', (i) => plainRow(before[i]))
    if (this.#pendingIs === 'shown') this.#rewrite(fresh.flatMap(({ ops }) => ops.map(({ key }) => key)))
  }

  /** The write is decided: what it made of the rows goes, and what the server made of them stays. */
  settle(write: string): void {
    const changed = this.#pending?.settle(write)
    if (changed && changed.size > 0) this.#commitShown(changed)
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

  /** From here on what is pending is shown. Before, it waits for the first rows, so that none is seen without it. */
  showPending(): void {
    if (this.#pendingIs === 'shown') return
    this.#pendingIs = 'shown'
    this.#rewrite(this.#pending?.keys() ?? [])
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

  #accept(
    pending: PendingRows<Row>,
    held: readonly Row[],
    left: readonly Row[],
    deleted: readonly string[],
  ): void {
    for (const row of held) pending.accept(this.#getKey(row), row)
    for (const key of deleted) pending.leave(key, null)
    for (const row of left) pending.leave(this.#getKey(row), row)
  }

  /** `isTouched`: whether a pending row has changed that is not among the changes. */
  #commitUnder(
    pending: PendingRows<Row>,
    held: readonly Row[],
    { up, del }: ShownChanges,
    isTouched: (key: string) => boolean,
  ): void {
    // What waits for the first rows is shown with them.
    const waited = this.#pendingIs
    this.#pendingIs = 'shown'
    const gone = new Set(del)
    const touched = pending
      .keys()
      .filter((key) => waited === 'waiting' || up.has(key) || gone.has(key) || isTouched(key))
    const shown = new Map(touched.map((key) => [key, pending.shown(key)]))
    const others = held.filter((row) => !pending.has(this.#getKey(row)))
    const deleted = del.filter((key) => !pending.has(key))
    this.#commit([...others, ...rowsIn(shown)], [...deleted, ...keysWithout(shown)])
  }

  #rewrite(keys: readonly string[]): void {
    const pending = this.#pending
    if (pending) this.#commitShown(new Map(keys.map((key) => [key, pending.shown(key)])))
  }

  #commitShown(shown: ReadonlyMap<string, Row | null>): void {
    if (!this.#broken) this.#commit(rowsIn(shown), keysWithout(shown))
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

/** A fresh object each: TanStack refuses one that it has been given before. */
const rowsIn = <Row extends object>(shown: ReadonlyMap<string, Row | null>): Row[] =>
  [...shown.values()].flatMap((row) => (row ? [{ ...row }] : []))

const keysWithout = (shown: ReadonlyMap<string, object | null>): string[] =>
  [...shown].flatMap(([key, row]) => (row ? [] : [key]))

/** Without TanStack's virtual properties, whose names start with `$`. */
function plainRow<Row extends object>(row: object | null | undefined): Row | null {
  if (!row) return null
  return Object.fromEntries(Object.entries(row).filter(([column]) => !column.startsWith('$'))) as Row
}

type ShownChanges = Pick<RowChanges, 'up' | 'del' | 'told'>

const NOTHING: ReadonlyMap<string, FoldedRow> = new Map()

/** Rows under pending writes that nobody holds any more, as far as the frame says what has become of them. */
function leftOf<Row extends object>(
  { up, del, told }: ShownChanges,
  pending: PendingRows<Row>,
): ReadonlyMap<string, FoldedRow> {
  const left = new Map<string, FoldedRow>()
  const gone = new Set(del)
  for (const key of pending.keys()) {
    const row = up.has(key) || (pending.holds(key) && !gone.has(key)) ? undefined : told(key)
    if (row) left.set(key, row)
  }
  return left
}

const keyMismatch = (key: string, cause?: unknown) =>
  new ProtocolError('key-mismatch', `getKey must return the key column, which is "${key}"`, { cause })

import { ProtocolError, type SyncError } from '../errors.ts'
import type { FoldedRow } from '../stream/fold-blocks.ts'
import type { Kinds } from '../wire/index.ts'
import type { SyncSurface } from './collection-options-shape.ts'
import { rowDecoder } from './decode-row.ts'
import type { RowChanges } from './held-rows.ts'
import type { PendingOp } from './pending-op.ts'
import { PendingRows } from './pending-rows.ts'

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
  readonly #pending = new PendingRows<Row>()
  #pendingIs: 'waiting' | 'shown' = 'waiting'
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
  write(
    { up, del }: Pick<RowChanges, 'up' | 'del'>,
    key: string,
    kinds: Kinds,
    rows: 'all' | 'some' = 'some',
  ): void {
    if (this.#broken) return
    let decoded: readonly Row[]
    try {
      // All that can fail is done before the transaction is open: one that stays open would swallow the next.
      decoded = this.#rowsOf(up, key, kinds)
    } catch (cause) {
      const error = cause instanceof ProtocolError ? cause : keyMismatch(key, cause)
      this.break(error)
      throw error
    }
    if (this.#pending.isEmpty) this.#commit(decoded, del)
    else this.#commitUnderPending(decoded, del, rows)
  }

  /** Deletes rows that nobody holds any more. */
  remove(keys: readonly string[]): void {
    if (this.#broken) return
    for (const key of keys) this.#pending.keep(key)
    this.#commit(
      [],
      keys.filter((key) => !this.#pending.has(key)),
    )
  }

  /** TanStack DB shows the write, by a transaction of this collection. `originals` are the rows before it, one for each operation. */
  begin(write: string, ops: readonly PendingOp[], originals: readonly (object | null)[]): void {
    this.#pending.add(write, ops, 'transaction', (_, i) => heldRow<Row>(originals[i]))
  }

  /** TanStack DB is about to show the write no more: from here on its operations are in the rows. */
  project(write: string): void {
    this.#rewrite(this.#pending.project(write))
  }

  /** Shows a write that no transaction of this collection shows. `before` are the rows as they were, where none is held. */
  adopt(write: string, ops: readonly PendingOp[], before: readonly (object | null)[]): void {
    if (this.#pending.knows(write)) return
    this.#pending.add(write, ops, 'projected', ({ key }, i) => {
      const held = heldRow<Row>(this.#surface.collection.get(key))
      return held.base ? held : { base: plainRow<Row>(before[i]), is: 'kept' }
    })
    if (this.#pendingIs === 'shown') this.#rewrite(ops.map(({ key }) => key))
  }

  /** The write is decided: what it made of the rows goes, and what the server made of them stays. */
  settle(write: string): void {
    if (!this.#pending.knows(write)) return
    const changed = this.#pending.settle(write)
    if (changed.size > 0) this.#commitShown(changed)
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
    if (this.#broken) return
    this.showPending()
    this.#surface.markReady()
  }

  /** From here on what is pending is shown. Before, it waits for the first rows, so that none is seen without it. */
  showPending(): void {
    if (this.#pendingIs === 'shown') return
    this.#pendingIs = 'shown'
    this.#rewrite(this.#pending.keys())
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

  #commitUnderPending(rows: readonly Row[], deleted: readonly string[], set: 'all' | 'some'): void {
    const pending = this.#pending
    const waited = this.#pendingIs === 'waiting' ? pending.keys() : []
    this.#pendingIs = 'shown'
    const shown = new Map<string, Row | null>()
    const others = rows.filter((row) => {
      const key = this.#getKey(row)
      if (pending.has(key)) shown.set(key, pending.rebase(key, row))
      return !pending.has(key)
    })
    for (const key of deleted) if (pending.has(key)) shown.set(key, pending.rebase(key, null))
    const forgotten = set === 'all' ? pending.forgetKept() : []
    for (const key of [...forgotten, ...waited]) shown.set(key, pending.shown(key))
    const gone = deleted.filter((key) => !pending.has(key))
    this.#commit([...others, ...rowsIn(shown)], [...gone, ...keysWithout(shown)])
  }

  #rewrite(keys: readonly string[]): void {
    this.#commitShown(new Map(keys.map((key) => [key, this.#pending.shown(key)])))
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

function heldRow<Row extends object>(row: object | null | undefined) {
  const base = plainRow<Row>(row)
  return { base, is: base ? 'held' : 'kept' } as const
}

const keyMismatch = (key: string, cause?: unknown) =>
  new ProtocolError('key-mismatch', `getKey must return the key column, which is "${key}"`, { cause })

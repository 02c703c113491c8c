import type { FoldedRow } from '../stream/fold-blocks.ts'
import type { RowChanges } from './held-rows.ts'
import type { PendingOp, PlacedWrite } from './pending-op.ts'
import type { PendingRows } from './pending-rows.ts'
import type { AdoptedWrite } from './writers.ts'

/** What a frame has changed. */
export type ShownChanges = Pick<RowChanges, 'up' | 'del' | 'told'>

/** What is to be written into a collection. */
export interface ShownRows<Row> {
  readonly rows: readonly Row[]
  readonly deleted: readonly string[]
}

const NOTHING: ShownRows<never> = { rows: [], deleted: [] }

/** What is pending, in the rows of one collection. It waits for the first rows, so that none is seen without it. */
export class PendingOverlay<Row extends object> {
  readonly #pending: PendingRows<Row>
  #is: 'waiting' | 'shown' = 'waiting'

  constructor(pending: PendingRows<Row>) {
    this.#pending = pending
  }

  /** Rows under pending writes that nobody holds any more, as far as the frame says what has become of them. */
  left({ up, del, told }: ShownChanges): ReadonlyMap<string, FoldedRow> {
    const left = new Map<string, FoldedRow>()
    const gone = new Set(del)
    for (const key of this.#pending.keys()) {
      const row = up.has(key) || (this.#pending.holds(key) && !gone.has(key)) ? undefined : told(key)
      if (row) left.set(key, row)
    }
    return left
  }

  /** Takes in a frame: `rows` are those of its `up`, then those of `left`. */
  accept({ up, del }: ShownChanges, rows: readonly Row[], getKey: (row: Row) => string): ShownRows<Row> {
    const pending = this.#pending
    const held = rows.slice(0, up.size)
    const gone = new Set(del)
    const left = new Set<string>()
    for (const row of held) pending.accept(getKey(row), row)
    for (const key of del) pending.leave(key, null)
    for (const row of rows.slice(up.size)) {
      pending.leave(getKey(row), row)
      left.add(getKey(row))
    }
    for (const key of pending.forgetKept()) left.add(key)
    // What waits for the first rows is shown with them.
    const waited = this.#is === 'waiting'
    this.#is = 'shown'
    const isTouched = (key: string) => up.has(key) || gone.has(key) || left.has(key)
    const shown = this.#shown(pending.keys().filter((key) => waited || isTouched(key)))
    const isOther = (key: string) => !pending.has(key)
    return {
      rows: [...held.filter((row) => isOther(getKey(row))), ...shown.rows],
      deleted: [...del.filter(isOther), ...shown.deleted],
    }
  }

  /** Nobody holds these any more. Returns those of which nothing is pending. */
  release(keys: readonly string[]): readonly string[] {
    for (const key of keys) this.#pending.keep(key)
    return keys.filter((key) => !this.#pending.has(key))
  }

  /** From here on what is pending is shown. */
  show(): ShownRows<Row> {
    if (this.#is === 'shown') return NOTHING
    this.#is = 'shown'
    return this.#shown(this.#pending.keys())
  }

  /** TanStack DB shows the write. `originals` are the rows before it, one for each operation. */
  begin(write: PlacedWrite, ops: readonly PendingOp[], originals: readonly (object | null)[]): void {
    this.#pending.add(write, ops, 'transaction', (i) => plainRow(originals[i]))
  }

  /** TanStack DB is about to show the write no more: from here on its operations are in the rows. */
  project(write: string): ShownRows<Row> {
    return this.#shown(this.#pending.project(write))
  }

  /** Those that are known have come to another place. */
  adopt(writes: readonly AdoptedWrite[]): ShownRows<Row> {
    for (const { write, ops, before } of writes)
      if (!this.#pending.knows(write.id))
        this.#pending.add(write, ops, 'projected', (i) => plainRow(before[i]))
    if (this.#is === 'waiting') return NOTHING
    return this.#shown(writes.flatMap(({ ops }) => ops.map(({ key }) => key)))
  }

  /** The write is decided: what it made of the rows goes, and what the server made of them stays. */
  settle(write: string): ShownRows<Row> {
    return written(this.#pending.settle(write))
  }

  #shown(keys: readonly string[]): ShownRows<Row> {
    return written(new Map(keys.map((key) => [key, this.#pending.shown(key)])))
  }
}

/** A fresh object each: TanStack refuses one that it has been given before. */
const written = <Row extends object>(shown: ReadonlyMap<string, Row | null>): ShownRows<Row> => ({
  rows: [...shown.values()].flatMap((row) => (row ? [{ ...row }] : [])),
  deleted: [...shown].flatMap(([key, row]) => (row ? [] : [key])),
})

/** Without TanStack's virtual properties, whose names start with `$`. */
function plainRow<Row extends object>(row: object | null | undefined): Row | null {
  if (!row) return null
  return Object.fromEntries(Object.entries(row).filter(([column]) => !column.startsWith('$'))) as Row
}

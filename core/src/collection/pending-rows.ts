import { type PendingOp, rebased } from './pending-op.ts'

/**
 * Where an operation of a pending write is shown. Law: in exactly one place.
 *
 * transaction   by TanStack DB, as the optimistic state of a transaction that is not settled.
 * projected     by this library, in the rows that it writes.
 */
type Shown = 'transaction' | 'projected'

interface HeldOp extends PendingOp {
  readonly write: string
  shown: Shown
}

interface PendingRow<Row> {
  /** The row as the server has it; null where it has none. */
  base: Row | null
  /**
   * held    some subset holds the row, and it stays when nothing is pending any more.
   * kept    nobody holds it: it is shown as it was last known, for the sake of what is pending.
   */
  is: 'held' | 'kept'
  ops: HeldOp[]
}

/**
 * Rows of one collection under writes that are not settled. The server's row is kept here while they last, because the collection shows
 * what they make of it.
 */
export class PendingRows<Row extends object> {
  readonly #rows = new Map<string, PendingRow<Row>>()
  readonly #writes = new Map<string, Set<string>>()

  get isEmpty(): boolean {
    return this.#rows.size === 0
  }

  has(key: string): boolean {
    return this.#rows.has(key)
  }

  keys(): string[] {
    return [...this.#rows.keys()]
  }

  knows(write: string): boolean {
    return this.#writes.has(write)
  }

  /** `base` is asked for where the row is under no other write yet. */
  add(
    write: string,
    ops: readonly PendingOp[],
    shown: Shown,
    base: (op: PendingOp, index: number) => Pick<PendingRow<Row>, 'base' | 'is'>,
  ): void {
    const keys = new Set<string>()
    for (const [i, op] of ops.entries()) {
      keys.add(op.key)
      let pending = this.#rows.get(op.key)
      if (!pending) {
        pending = { ...base(op, i), ops: [] }
        this.#rows.set(op.key, pending)
      }
      pending.ops.push({ ...op, write, shown })
    }
    this.#writes.set(write, keys)
  }

  /** TanStack DB is about to show the write no more. Returns the keys of its rows. */
  project(write: string): readonly string[] {
    const keys = [...(this.#writes.get(write) ?? [])]
    for (const key of keys)
      for (const op of this.#rows.get(key)?.ops ?? []) if (op.write === write) op.shown = 'projected'
    return keys
  }

  /** The write is decided. Returns the rows that it was shown in, as they are to be shown now. */
  settle(write: string): ReadonlyMap<string, Row | null> {
    const changed = new Map<string, Row | null>()
    for (const key of this.#writes.get(write) ?? []) {
      const pending = this.#rows.get(key)
      if (!pending) continue
      const wasShown = pending.ops.some((op) => op.write === write && op.shown === 'projected')
      pending.ops = pending.ops.filter((op) => op.write !== write)
      if (pending.ops.length === 0) this.#rows.delete(key)
      if (pending.ops.length === 0 && pending.is === 'kept') changed.set(key, null)
      else if (wasShown) changed.set(key, shownRow(pending))
    }
    this.#writes.delete(write)
    return changed
  }

  /** The server's row has become `row`. Returns what is to be shown. */
  rebase(key: string, row: Row | null): Row | null {
    const pending = this.#rows.get(key)
    if (!pending) return row
    pending.base = row
    pending.is = row ? 'held' : 'kept'
    return shownRow(pending)
  }

  /** Nobody holds the server's row any more; what is pending goes on to show it. */
  keep(key: string): void {
    const pending = this.#rows.get(key)
    if (pending) pending.is = 'kept'
  }

  /** All rows of the server are there: what is not among them is nowhere. Returns the keys of rows that were kept. */
  forgetKept(): readonly string[] {
    const kept = [...this.#rows].filter(([, pending]) => pending.is === 'kept' && pending.base)
    for (const [, pending] of kept) pending.base = null
    return kept.map(([key]) => key)
  }

  /** What the collection's rows have to say of the key. */
  shown(key: string): Row | null {
    const pending = this.#rows.get(key)
    return pending ? shownRow(pending) : null
  }
}

const shownRow = <Row extends object>({ base, ops }: PendingRow<Row>): Row | null =>
  rebased(
    base,
    ops.filter(({ shown }) => shown === 'projected'),
  )

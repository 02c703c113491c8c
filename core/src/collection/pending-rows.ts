import type { Predicate } from '../wire/index.ts'
import { type PendingOp, type PlacedWrite, rebased } from './pending-op.ts'
import { valuesMatcher } from './values-matcher.ts'

/**
 * Where an operation of a pending write is shown. Law: in exactly one place.
 *
 * transaction   by TanStack DB, as the optimistic state of a transaction that is not settled.
 * projected     by this library, in the rows that it writes.
 */
type Shown = 'transaction' | 'projected'

interface HeldOp extends PendingOp {
  readonly write: PlacedWrite
  shown: Shown
}

interface PendingRow<Row> {
  /** Where nobody holds the server's row: as it was last known, shown for the sake of what is pending. Null: it is nowhere. */
  kept: Row | null
  ops: HeldOp[]
}

/**
 * Rows of one collection under writes that are not settled, and what they stand on: every row of the server that some subset holds, as it
 * was accepted last. The collection cannot be asked for that: it shows what is pending, and what it has accepted only when no transaction
 * is persisting.
 */
export class PendingRows<Row extends object> {
  readonly #server = new Map<string, Row>()
  readonly #rows = new Map<string, PendingRow<Row>>()
  readonly #writes = new Map<string, Set<string>>()
  #matches: (row: Row) => boolean = () => true
  #wholes: () => readonly (Predicate | undefined)[] = () => []
  readonly #matchers = new WeakMap<Predicate, (row: object) => boolean>()

  get isEmpty(): boolean {
    return this.#rows.size === 0
  }

  has(key: string): boolean {
    return this.#rows.has(key)
  }

  /** Whether some subset holds the server's row. */
  holds(key: string): boolean {
    return this.#server.has(key)
  }

  keys(): string[] {
    return [...this.#rows.keys()]
  }

  knows(write: string): boolean {
    return this.#writes.has(write)
  }

  /** What pending writes make of a row is shown only where it matches, as it will be when the server has them. */
  limitTo(where: Predicate): void {
    this.#matches = valuesMatcher(where)
  }

  /** `wholes` are the filters of which every row is held, undefined for all: a row of one of them that is not held is nowhere. */
  holdBy(wholes: () => readonly (Predicate | undefined)[]): void {
    this.#wholes = wholes
  }

  /** The server's row has become this one, and some subset holds it. */
  accept(key: string, row: Row): void {
    this.#server.set(key, row)
  }

  /** `before` is what was known of a row that nobody holds; asked for where it is under no other write yet. */
  add(
    write: PlacedWrite,
    ops: readonly PendingOp[],
    shown: Shown,
    before: (index: number) => Row | null,
  ): void {
    const keys = new Set<string>()
    for (const [i, op] of ops.entries()) {
      keys.add(op.key)
      let pending = this.#rows.get(op.key)
      if (!pending) {
        pending = { kept: this.#server.has(op.key) ? null : this.#elsewhere(before(i)), ops: [] }
        this.#rows.set(op.key, pending)
      }
      pending.ops.push({ ...op, write, shown })
    }
    this.#writes.set(write.id, keys)
  }

  /** TanStack DB is about to show the write no more. Returns the keys of its rows. */
  project(write: string): readonly string[] {
    const keys = [...(this.#writes.get(write) ?? [])]
    for (const key of keys)
      for (const op of this.#rows.get(key)?.ops ?? []) if (op.write.id === write) op.shown = 'projected'
    return keys
  }

  /** The write is decided. Returns the rows that it was shown in, as they are to be shown now. */
  settle(write: string): ReadonlyMap<string, Row | null> {
    const changed = new Map<string, Row | null>()
    for (const key of this.#writes.get(write) ?? []) {
      const pending = this.#rows.get(key)
      if (!pending) continue
      const wasShown = pending.ops.some((op) => op.write.id === write && op.shown === 'projected')
      pending.ops = pending.ops.filter((op) => op.write.id !== write)
      if (pending.ops.length === 0) this.#rows.delete(key)
      const leaves = pending.ops.length === 0 && !this.#server.has(key)
      if (leaves || wasShown) changed.set(key, this.shown(key))
    }
    this.#writes.delete(write)
    return changed
  }

  /** The server's row is this one, which nobody holds; null when it is gone, or nobody can say. */
  leave(key: string, row: Row | null): void {
    this.#server.delete(key)
    const pending = this.#rows.get(key)
    if (pending) pending.kept = row
  }

  /** Nobody holds the server's row any more; what is pending goes on to show it. */
  keep(key: string): void {
    const pending = this.#rows.get(key)
    if (pending) pending.kept = this.#server.get(key) ?? pending.kept
    this.#server.delete(key)
  }

  /** Lets go of kept rows that are nowhere by now. Returns their keys. */
  forgetKept(): readonly string[] {
    const nowhere: string[] = []
    for (const [key, pending] of this.#rows) {
      if (!pending.kept || this.#elsewhere(pending.kept) || this.#server.has(key)) continue
      pending.kept = null
      nowhere.push(key)
    }
    return nowhere
  }

  /** What the collection's rows have to say of the key. */
  shown(key: string): Row | null {
    const pending = this.#rows.get(key)
    const held = this.#server.get(key) ?? null
    if (!pending) return held
    const ops = pending.ops
      .filter(({ shown }) => shown === 'projected')
      .sort((a, b) => a.write.place - b.write.place)
    // A row that is held and not changed is in its place, whatever the filter makes of it.
    if (held && ops.length === 0) return held
    const row = rebased(held ?? pending.kept, ops)
    return row && this.#matches(row) ? row : null
  }

  #elsewhere(row: Row | null): Row | null {
    return row && !this.#wholes().some((where) => !where || this.#matcherOf(where)(row)) ? row : null
  }

  #matcherOf(where: Predicate): (row: object) => boolean {
    const known = this.#matchers.get(where) ?? valuesMatcher(where)
    this.#matchers.set(where, known)
    return known
  }
}

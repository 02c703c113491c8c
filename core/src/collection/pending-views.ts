import type { Work } from '../outbox/entry.ts'
import type { WireOp, WireValues } from '../wire/index.ts'
import { decodeValues, type PendingOp, type PlacedWrite, pendingOp } from './pending-op.ts'
import { PendingOverlay } from './pending-overlay.ts'
import { PendingRows } from './pending-rows.ts'
import type { AdoptedWrite, PendingWriter } from './writers.ts'

/** A write that is not settled, as far as collections show it. */
export interface ShownWrite {
  readonly id: string
  readonly work: Work
  /** Rows before the write, one for each operation; null where there was none. */
  readonly before?: readonly (WireValues | null)[] | undefined
}

interface KeptWrite extends ShownWrite {
  /** Its place in the storage. */
  readonly ord: number
}

interface TablePart {
  readonly ops: readonly PendingOp[]
  readonly before: readonly (object | null)[]
}

interface ViewedWrite extends PlacedWrite {
  readonly parts: ReadonlyMap<string, TablePart>
}

/** Greater than the place of any write that is kept, in a database or in memory. */
const NOT_KEPT = 1.5 * 2 ** 52

/**
 * What each table's collections show of writes that are not settled, whichever tab has made them. What a listener of the application throws when
 * it is told of the rows is reported: the rows are accepted then, and the other collections and writes must not suffer from it.
 */
export class PendingViews {
  readonly #report: (error: unknown) => void
  readonly #writers = new Map<string, Set<PendingWriter>>()
  readonly #writes = new Map<string, ViewedWrite>()
  #begun = 0

  constructor(report: (error: unknown) => void) {
    this.#report = report
  }

  /** For one collection: its rows under what is pending. */
  rows<Row extends object>(): PendingRows<Row> {
    return new PendingRows()
  }

  /** How its writer shows them. */
  over<Row extends object>(rows: PendingRows<Row>): PendingOverlay<Row> {
    return new PendingOverlay(rows)
  }

  /** `writer` shows what is pending of `table` from here on. Returns how to end that. */
  attach(table: string, writer: PendingWriter): () => void {
    const writers = this.#writers.get(table) ?? new Set()
    this.#writers.set(table, writers.add(writer))
    writer.adopt(adoptedOf([...this.#writes.values()], table))
    return () => void writers.delete(writer)
  }

  /**
   * A write of a transaction, which TanStack DB shows in the collections of `own`; all others show it by themselves. Until it is kept it
   * comes after everything that is.
   */
  begin(shown: ShownWrite, own: ReadonlyMap<string, ReadonlySet<PendingWriter>>): void {
    const write = this.#add(shown, NOT_KEPT + this.#begun++)
    this.#each(write, (writer, { ops, before }, table) => {
      if (own.get(table)?.has(writer)) writer.begin(write, ops, before)
      else writer.adopt([{ write, ops, before }])
    })
  }

  /** It is kept: `ord` is its place in the storage, which is the order in which writes are sent, whichever page or tab has made them. */
  place(id: string, ord: number): void {
    const write = this.#writes.get(id)
    if (write) write.place = ord
  }

  /** Its transaction is about to show it no more. */
  project(id: string): void {
    this.#each(this.#writes.get(id), (writer) => writer.project(id))
  }

  /** Writes that were kept by an earlier page, or by another tab. Those that are known may have been put into another storage, at other places. */
  adopt(writes: readonly KeptWrite[]): void {
    const changed = writes.flatMap((kept) => {
      const known = this.#writes.get(kept.id)
      if (!known) return this.#add(kept, kept.ord)
      if (known.place === kept.ord) return []
      known.place = kept.ord
      return known
    })
    for (const [table, writers] of this.#writers) {
      const adopted = adoptedOf(changed, table)
      if (adopted.length > 0) for (const writer of writers) this.#guard(() => writer.adopt(adopted))
    }
  }

  settle(ids: readonly string[]): void {
    for (const id of ids) {
      this.#each(this.#writes.get(id), (writer) => writer.settle(id))
      this.#writes.delete(id)
    }
  }

  #add(shown: ShownWrite, place: number): ViewedWrite {
    const write = { id: shown.id, place, parts: partsOf(shown) }
    this.#writes.set(shown.id, write)
    return write
  }

  #each(
    write: ViewedWrite | undefined,
    visit: (writer: PendingWriter, part: TablePart, table: string) => void,
  ): void {
    for (const [table, part] of write?.parts ?? [])
      for (const writer of this.#writers.get(table) ?? []) this.#guard(() => visit(writer, part, table))
  }

  #guard(show: () => void): void {
    try {
      show()
    } catch (error) {
      this.#report(error)
    }
  }
}

const adoptedOf = (writes: readonly ViewedWrite[], table: string): AdoptedWrite[] =>
  writes.flatMap((write) => {
    const part = write.parts.get(table)
    return part ? [{ write, ...part }] : []
  })

function partsOf({ work, before }: ShownWrite): ViewedWrite['parts'] {
  const parts = new Map<string, { ops: PendingOp[]; before: (object | null)[] }>()
  const ops: readonly WireOp[] = work.do === 'mutate' ? work.ops : []
  for (const [i, op] of ops.entries()) {
    const part = parts.get(op.collection) ?? { ops: [], before: [] }
    parts.set(op.collection, part)
    part.ops.push(pendingOp(op))
    const row = before?.[i]
    part.before.push(row ? decodeValues(row) : null)
  }
  return parts
}

import type { Work } from '../outbox/entry.ts'
import type { WireOp, WireValues } from '../wire/index.ts'
import { decodeValues, type PendingOp, pendingOp } from './pending-op.ts'
import type { PendingWriter } from './writers.ts'

/** A write that is not settled, as far as collections show it. */
export interface ShownWrite {
  readonly id: string
  readonly work: Work
  /** Rows before the write, one for each operation; null where there was none. */
  readonly before?: readonly (WireValues | null)[] | undefined
}

interface TablePart {
  readonly ops: readonly PendingOp[]
  readonly before: readonly (object | null)[]
}

type Parts = ReadonlyMap<string, TablePart>

/** What each table's collections show of writes that are not settled, whichever tab has made them. */
export class PendingViews {
  readonly #writers = new Map<string, Set<PendingWriter>>()
  readonly #writes = new Map<string, Parts>()

  /** `writer` shows what is pending of `table` from here on. Returns how to end that. */
  attach(table: string, writer: PendingWriter): () => void {
    const writers = this.#writers.get(table) ?? new Set()
    this.#writers.set(table, writers.add(writer))
    for (const [id, parts] of this.#writes) {
      const part = parts.get(table)
      if (part) writer.adopt(id, part.ops, part.before)
    }
    return () => void writers.delete(writer)
  }

  /** A write of a transaction, which TanStack DB shows in the collections of `own`; all others show it by themselves. */
  begin(write: ShownWrite, own: ReadonlyMap<string, ReadonlySet<PendingWriter>>): void {
    const parts = partsOf(write)
    this.#writes.set(write.id, parts)
    this.#each(parts, (writer, { ops, before }, table) => {
      if (own.get(table)?.has(writer)) writer.begin(write.id, ops, before)
      else writer.adopt(write.id, ops, before)
    })
  }

  /** Its transaction is about to show it no more. */
  project(id: string): void {
    this.#each(this.#writes.get(id), (writer) => writer.project(id))
  }

  /** Writes that were kept before this page, or by another tab. */
  adopt(writes: readonly ShownWrite[]): void {
    for (const write of writes) {
      if (this.#writes.has(write.id)) continue
      const parts = partsOf(write)
      this.#writes.set(write.id, parts)
      this.#each(parts, (writer, { ops, before }) => writer.adopt(write.id, ops, before))
    }
  }

  settle(ids: readonly string[]): void {
    for (const id of ids) {
      this.#each(this.#writes.get(id), (writer) => writer.settle(id))
      this.#writes.delete(id)
    }
  }

  #each(
    parts: Parts | undefined,
    visit: (writer: PendingWriter, part: TablePart, table: string) => void,
  ): void {
    for (const [table, part] of parts ?? [])
      for (const writer of this.#writers.get(table) ?? []) visit(writer, part, table)
  }
}

function partsOf({ work, before }: ShownWrite): Parts {
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

import type { BlindOp } from './blind-write.ts'
import type {
  NewFailure,
  NewWrite,
  Revision,
  RoomChange,
  StoredFailure,
  StoredQueue,
  StoredWrite,
  WriteMark,
} from './room-storage.ts'
import { IN_MEMORY, revisedId } from './room-storage.ts'
import { encodeFailure, encodeMark, encodeWrite } from './write-record.ts'

interface KnownWrite {
  readonly write: NewWrite
  readonly ord: number
  /** This tab has kept or marked it, and knows best what its number is. */
  readonly whose: 'mine' | 'any'
}

/**
 * The writes and failures of one room, as far as this tab knows them. Transactions are made from it, it is all that there is without
 * a database, and what a database that was deleted under the page is filled with again.
 */
export class KnownQueue {
  readonly #room: string
  readonly #writes = new Map<string, KnownWrite>()
  readonly #failed = new Map<string, NewFailure>()
  #nextInMemory = IN_MEMORY

  constructor(room: string) {
    this.#room = room
  }

  get queue(): StoredQueue {
    const room = this.#room
    const writes = [...this.#writes.values()].map(({ write, ord }): StoredWrite => ({ ...write, room, ord }))
    const failed = [...this.#failed.values()].map((failure): StoredFailure => ({ ...failure, room }))
    return { writes: writes.sort((a, b) => a.ord - b.ord), failed }
  }

  /** What was read. Writes that are in memory only stay. */
  adopt({ writes, failed }: StoredQueue): void {
    for (const [id, { ord }] of this.#writes) if (ord < IN_MEMORY) this.#writes.delete(id)
    this.#failed.clear()
    for (const { ord, room: _, ...write } of writes) this.#writes.set(write.id, { write, ord, whose: 'any' })
    for (const failure of failed) this.#failed.set(failure.id, failure)
  }

  forget(): void {
    this.#writes.clear()
    this.#failed.clear()
  }

  /**
   * Writes whose place has to be looked up: those that go away and were kept by another tab, and where a try was cut off before it could
   * say whether it had happened, those that may be there.
   */
  strangers(changes: readonly RoomChange[], tries: 'first' | 'again'): string[] {
    const putIds =
      tries === 'first' ? [] : changes.flatMap(({ putWrites = [] }) => putWrites.map(({ id }) => id))
    const ids = [...putIds, ...changes.flatMap(({ deleteWrites = [] }) => deleteWrites)]
    return ids.filter((id) => this.#place(id) === undefined)
  }

  /** Everything that `restore` will want to put. */
  restored(lost: 'all' | 'in memory'): string[] {
    return [...this.#writes.values()]
      .filter(({ ord }) => lost === 'all' || ord >= IN_MEMORY)
      .map(({ write }) => write.id)
  }

  /** What `changes` do to the stores. `places` are those of strangers; `ords` will hold those of the writes that are kept. */
  plan(
    changes: readonly RoomChange[],
    places: ReadonlyMap<string, number>,
    ords: Map<string, number>,
  ): BlindOp[] {
    const key = (id: string): [string, string] => [this.#room, id]
    return changes.flatMap((change): BlindOp[] => [
      ...(change.putWrites ?? []).flatMap((write) => this.#put(write, places, ords)),
      ...(change.markWrites ?? []).map((mark) => this.#mark(mark)),
      ...(change.deleteWrites ?? []).flatMap((id): BlindOp[] => {
        const ord = this.#place(id) ?? places.get(id)
        const mark: BlindOp = { do: 'delete', store: 'marks', key: key(id) }
        return ord === undefined ? [mark] : [{ do: 'delete', store: 'writes', key: ord }, mark]
      }),
      ...(change.putFailed ?? []).map((failure): BlindOp => {
        return { do: 'put', store: 'failed', key: key(failure.id), value: encodeFailure(failure) }
      }),
      ...(change.deleteFailed ?? []).map((id): BlindOp => ({ do: 'delete', store: 'failed', key: key(id) })),
    ])
  }

  /** `changes` have happened; `ords` are the places of writes that are kept. Returns those of all that `changes` put. */
  apply(changes: readonly RoomChange[], ords: ReadonlyMap<string, number>): ReadonlyMap<string, number> {
    const places = new Map<string, number>()
    for (const change of changes) {
      for (const write of change.putWrites ?? []) {
        const ord = ords.get(write.id) ?? this.#place(write.id) ?? this.#nextInMemory++
        this.#writes.set(write.id, { write, ord, whose: 'mine' })
        places.set(write.id, ord)
      }
      for (const mark of change.markWrites ?? []) {
        const known = this.#writes.get(mark.id)
        if (known) this.#writes.set(mark.id, { ...known, write: { ...known.write, ...mark }, whose: 'mine' })
      }
      for (const id of change.deleteWrites ?? []) this.#writes.delete(id)
      for (const failure of change.putFailed ?? []) this.#failed.set(failure.id, failure)
      for (const id of change.deleteFailed ?? []) this.#failed.delete(id)
    }
    return places
  }

  /** `revisions` have happened. Returns those of them that were of known writes. */
  revise(revisions: readonly Revision[]): readonly Revision[] {
    return revisions.filter((revision) => {
      const id = revisedId(revision)
      const known = this.#writes.get(id)
      if (!known) return false
      if (revision.becomes === 'write') {
        const { cid, n, sent, sentAt } = known.write
        const mark = { cid, n, sent, ...(sentAt !== undefined && { sentAt }) }
        this.#writes.set(id, { ...known, write: { ...revision.write, ...mark } })
      } else {
        this.#writes.delete(id)
        this.#failed.set(id, revision.failure)
      }
      return true
    })
  }

  /**
   * For a database that is new, everything again; for one that could not be reached, what it has not seen. A write that another tab has
   * put back first stays, under the number that is known best.
   */
  restore(
    lost: 'all' | 'in memory',
    places: ReadonlyMap<string, number>,
    ords: Map<string, number>,
  ): BlindOp[] {
    const ops: BlindOp[] = []
    for (const { write, ord, whose } of [...this.#writes.values()].sort((a, b) => a.ord - b.ord)) {
      if (lost === 'in memory' && ord < IN_MEMORY) continue
      const place = places.get(write.id)
      if (place === undefined) ops.push(this.#append(write, ords))
      else ords.set(write.id, place)
      if (whose === 'mine') ops.push(this.#mark(write))
    }
    return lost === 'all'
      ? [...ops, ...this.plan([{ putFailed: [...this.#failed.values()] }], new Map(), ords)]
      : ops
  }

  /** The places that `restore` has given. */
  placed(ords: ReadonlyMap<string, number>): void {
    for (const [id, ord] of ords) {
      const known = this.#writes.get(id)
      if (known) this.#writes.set(id, { ...known, ord })
    }
  }

  #place(id: string): number | undefined {
    const ord = this.#writes.get(id)?.ord
    return ord !== undefined && ord < IN_MEMORY ? ord : undefined
  }

  #put(write: NewWrite, places: ReadonlyMap<string, number>, ords: Map<string, number>): BlindOp[] {
    const known = this.#place(write.id)
    const ord = known ?? places.get(write.id)
    if (ord === undefined) return [this.#append(write, ords)]
    ords.set(write.id, ord)
    // It was kept by a try of which nobody heard; others may have marked it since.
    if (known === undefined) return []
    return [
      { do: 'put', store: 'writes', key: ord, value: encodeWrite(this.#room, write) },
      this.#mark(write),
    ]
  }

  #append(write: NewWrite, ords: Map<string, number>): BlindOp {
    const onKey = (key: number) => void ords.set(write.id, key)
    return { do: 'append', store: 'writes', value: encodeWrite(this.#room, write), onKey }
  }

  #mark(mark: WriteMark): BlindOp {
    return { do: 'put', store: 'marks', key: [this.#room, mark.id], value: encodeMark(mark) }
  }
}

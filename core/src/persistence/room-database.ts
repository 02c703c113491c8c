import { Batches } from './batches.ts'
import { type BlindOp, type Durability, writeBlindly } from './blind-write.ts'
import { compact, planCompaction } from './compaction.ts'
import { Unavailable } from './database-connection.ts'
import type { Database } from './database-layout.ts'
import type { DeviceSurroundings } from './device-surroundings.ts'
import { leavingsOps } from './kept-shape.ts'
import { KnownQueue } from './known-queue.ts'
import { rowsOf, withoutLeaving } from './leaving-writes.ts'
import { planRows, type RowPlan, thruText } from './plan-rows.ts'
import { placesOf, type RoomCut, readRoom, readRoomQueue } from './read-room.ts'
import { reviseWrites } from './revise-writes.ts'
import {
  type Committed,
  type NewFailure,
  type Revision,
  type RoomChange,
  type RoomStorage,
  revisedId,
  type StoredQueue,
  type StoredRoom,
} from './room-storage.ts'
import { compacted, cutLoose, isDue, type ShapeThreads, threadsOf } from './shape-thread.ts'
import { StorageClosed } from './storage-closed.ts'
import { faultOf } from './storage-fault.ts'

type Tries = 'first' | 'again'

const THRU_MS = 60_000
/** How often others may begin the same generation before it is given up. */
const RACES = 5

/** One room in the database of its device. Changes that are asked for while a transaction runs share the next one. */
export class RoomDatabase implements RoomStorage {
  readonly #name: string
  readonly #around: DeviceSurroundings
  readonly #queue: KnownQueue
  readonly #batches = new Batches<RoomChange, Committed>((changes) => this.#commit(changes))
  readonly #compacting = new Set<string>()
  /**
   * Failures that were put in memory only, and null for those that only went there. The server, or the user, was told that it was kept.
   */
  readonly #unkept = new Map<string, NewFailure | null>()
  #threads: ShapeThreads = new Map()
  #held: ReadonlySet<string> = new Set()
  #thruAt = 0
  #users = 0

  constructor(name: string, around: DeviceSurroundings) {
    this.#name = name
    this.#around = around
    this.#queue = new KnownQueue(name)
  }

  /** One more has it; it is let go of when as many have closed it. */
  use(): void {
    this.#users++
  }

  load(): Promise<StoredRoom> {
    return this.#batches.inTurn(async () => {
      const cut = await this.#read(readRoom)
      if (!cut) return { ...this.#queue.queue, from: 'memory', shapes: [] }
      this.#threads = threadsOf(cut)
      this.#queue.adopt(cut)
      void this.#batches.inTurn(() => this.#tidy(cut))
      this.#compactSoon()
      return { ...this.#queue.queue, shapes: cut.shapes.map(({ told }) => told) }
    })
  }

  queue(): Promise<StoredQueue> {
    return this.#batches.inTurn(async () => {
      const cut = await this.#read(readRoomQueue)
      if (!cut) return { ...this.#queue.queue, from: 'memory' }
      this.#queue.adopt(cut)
      if (cut.unreadable.length > 0) void this.#batches.inTurn(() => this.#tidy({ ...cut, spoilt: [] }))
      return this.#queue.queue
    })
  }

  commit(change: RoomChange): Promise<Committed> {
    return this.#batches.add(change)
  }

  revise(revisions: readonly Revision[]): Promise<ReadonlySet<string>> {
    return this.#batches.inTurn(async () => {
      let kept: readonly Revision[]
      try {
        const there = await this.#around.use((database) =>
          reviseWrites(database, this.#name, revisions, this.#around.durability),
        )
        kept = revisions.filter((revision) => there.has(revisedId(revision)))
      } catch (error) {
        if (!(error instanceof Unavailable)) throw error
        // Without a database what is known is all that there is.
        kept = revisions
        for (const revision of revisions)
          if (revision.becomes === 'failure') this.#unkept.set(revision.failure.id, revision.failure)
      }
      return new Set(this.#queue.revise(kept).map(revisedId))
    })
  }

  hold(keys: Iterable<string>): void {
    this.#held = new Set(keys)
  }

  async close(): Promise<void> {
    await this.#batches.inTurn(async () => {})
    if (--this.#users === 0) this.#around.closed(this.#name)
  }

  /** The database lost everything, or was not to be had before: it is told what this tab knows. */
  async restore(database: Database, lost: 'all' | 'in memory'): Promise<void> {
    if (lost === 'all') this.#threads = new Map()
    const unkept = new Map(this.#unkept)
    const owed = [owedOf(unkept)]
    for (let races = 0; ; races++) {
      const ords = new Map<string, number>()
      const wanted = [...this.#queue.restored(lost), ...this.#queue.strangers(owed, 'first')]
      const places = await placesOf(database, wanted)
      const ops = [...this.#queue.restore(lost, places, ords), ...this.#queue.plan(owed, places, ords)]
      try {
        await this.#do(database, ops)
        // Where an open was given up, more may have been put in memory meanwhile.
        for (const [id, failure] of unkept) if (this.#unkept.get(id) === failure) this.#unkept.delete(id)
        return this.#queue.placed(ords)
      } catch (error) {
        // Another tab puts the same writes back.
        if (faultOf(error) !== 'taken' || races >= RACES) throw error
      }
    }
  }

  /** Nothing of it may be kept or told any more. */
  forget(): void {
    this.#queue.forget()
    this.#unkept.clear()
    this.#threads = new Map()
  }

  async #read<T>(read: (database: Database, room: string) => Promise<T>): Promise<T | null> {
    try {
      return await this.#around.use((database) => read(database, this.#name))
    } catch (error) {
      if (error instanceof Unavailable) return null
      throw error
    }
  }

  async #commit(changes: readonly RoomChange[]): Promise<Committed> {
    const taken = new Map<string, number>()
    for (let races = 0, room: 'as it is' | 'made' = 'as it is'; ; ) {
      try {
        return await this.#write(changes, this.#plan(changes, taken), races === 0 ? 'first' : 'again')
      } catch (error) {
        if (error instanceof Unavailable) return this.#keepInMemory(changes)
        if (error instanceof StorageClosed) throw error
        if (error instanceof Overtaken) continue
        const fault = faultOf(error)
        if (fault === 'taken' && races++ < RACES) await this.#findTaken(taken)
        else if (fault === 'full' && room === 'as it is') {
          room = 'made'
          // Where not even that fits, the writes are tried alone.
          await this.#around.makeRoom(this.#name, error).catch(() => {})
        } else return this.#writeWithoutRows(changes, error)
      }
    }
  }

  #plan(changes: readonly RoomChange[], taken: ReadonlyMap<string, number>): RowPlan {
    return planRows(this.#threads, changes, { room: this.#name, now: Date.now(), held: this.#held, taken })
  }

  async #write(changes: readonly RoomChange[], rows: RowPlan, tries: Tries = 'first'): Promise<Committed> {
    const from = this.#threads
    const queued = withoutLeaving(changes, rows.adrift)
    const ords = await this.#around.use((database) => {
      if (this.#threads !== from) throw new Overtaken()
      return this.#writeOnce(database, queued, rows, tries)
    })
    this.#threads = rows.threads
    if (rows.ops.length > 0) this.#around.keptRows()
    this.#compactSoon()
    return { ords: this.#queue.apply(queued, ords), adrift: rows.adrift }
  }

  /** Queue and rows in one transaction. Returns the places of the writes that it has put. */
  async #writeOnce(
    database: Database,
    changes: readonly RoomChange[],
    { ops, threads }: Pick<RowPlan, 'ops' | 'threads'>,
    tries: Tries,
  ): Promise<ReadonlyMap<string, number>> {
    const ords = new Map<string, number>()
    const places = await placesOf(database, this.#queue.strangers(changes, tries))
    const queued = this.#queue.plan(changes, places, ords)
    await this.#do(database, [...queued, ...ops, ...this.#thru(changes, threads)])
    return ords
  }

  #do(database: Database, ops: readonly BlindOp[]): Promise<void> {
    return writeBlindly(database, ops, durabilityOf(ops, this.#around.durability))
  }

  #thru(changes: readonly RoomChange[], threads: ShapeThreads): BlindOp[] {
    const now = Date.now()
    const replaces = changes.some(({ replace }) => replace?.length)
    const asked = changes.some(({ keepPositions, deleteWrites }) => keepPositions || deleteWrites?.length)
    if (!asked && !replaces && now - this.#thruAt < THRU_MS) return []
    this.#thruAt = now
    const value = thruText(threads)
    if (value !== null) return [{ do: 'put', store: 'thru', key: this.#name, value }]
    // A restored object may lead a shape back to where it was before: what was noted of it then is of the history that is lost.
    return replaces ? [{ do: 'delete', store: 'thru', key: this.#name }] : []
  }

  /** Rows come again from the server; writes do not. */
  async #writeWithoutRows(changes: readonly RoomChange[], cause: unknown): Promise<Committed> {
    if (faultOf(cause) === 'other') this.#around.report(cause)
    const adrift = allRowsOf(changes)
    this.#threads = cutLoose(this.#threads, adrift)
    const queue = withoutLeaving(changes, adrift).map(
      ({ replace: _, passes: __, touch: ___, dropShapes: ____, ...rest }) => rest,
    )
    if (!queue.some(hasQueue)) return { ords: new Map(), adrift }
    try {
      return { ...(await this.#write(queue, this.#plan(queue, new Map()))), adrift }
    } catch (error) {
      if (error instanceof Unavailable) return this.#keepInMemory(changes)
      throw error
    }
  }

  #keepInMemory(changes: readonly RoomChange[]): Committed {
    this.#threads = cutLoose(this.#threads, [...this.#threads.keys()])
    for (const { putFailed = [], deleteFailed = [] } of changes) {
      for (const failure of putFailed) this.#unkept.set(failure.id, failure)
      for (const id of deleteFailed) if (!this.#unkept.delete(id)) this.#unkept.set(id, null)
    }
    return { ords: this.#queue.apply(changes, new Map()), adrift: allRowsOf(changes) }
  }

  /** Another tab has begun generations that this one does not know. */
  async #findTaken(taken: Map<string, number>): Promise<void> {
    const cut = await this.#read(readRoom)
    for (const { kept } of cut?.shapes ?? []) taken.set(kept.header.key, kept.generation)
    for (const { key, generation } of cut?.spoilt ?? []) taken.set(key, generation)
  }

  /** What is of no use goes, and writes that cannot be read become failures. */
  async #tidy({ spoilt, unreadable }: Pick<RoomCut, 'spoilt' | 'unreadable'>): Promise<void> {
    const ops = spoilt.flatMap(({ key, generation }) => leavingsOps(this.#name, key, generation))
    try {
      if (ops.length > 0) await this.#around.use((database) => writeBlindly(database, ops, 'relaxed'))
      const deleteWrites = unreadable.map(({ id }) => id)
      if (unreadable.length > 0) await this.#commit([{ putFailed: unreadable, deleteWrites }])
    } catch {
      // The next load finds it again.
    }
  }

  #compactSoon(): void {
    for (const [key, thread] of this.#threads) {
      if (this.#compacting.has(key) || !isDue(thread)) continue
      this.#compacting.add(key)
      this.#around.whenIdle(() => void this.#compact(key))
    }
  }

  async #compact(key: string): Promise<void> {
    const before = this.#threads.get(key)
    try {
      const result = await this.#around.use(async (database) => {
        const plan = await planCompaction(database, this.#name, key)
        return plan && compact(database, plan)
      })
      await this.#batches.inTurn(async () => {
        const thread = this.#threads.get(key)
        if (before && thread)
          this.#threads = new Map(this.#threads).set(key, compacted(thread, before, result))
      })
    } catch (error) {
      const over = error instanceof Unavailable || error instanceof StorageClosed
      if (!over && faultOf(error) !== 'full') this.#around.report(error)
      // Not again with the next write.
      await this.#batches.inTurn(async () => {
        const thread = this.#threads.get(key)
        if (before && thread) this.#threads = new Map(this.#threads).set(key, compacted(thread, before, null))
      })
    }
    this.#compacting.delete(key)
  }
}

/** The database was made anew between the making of a plan and its execution. */
class Overtaken extends Error {}

/** The failures that a database has not seen, in the place of the writes that it still has. */
function owedOf(unkept: ReadonlyMap<string, NewFailure | null>): RoomChange {
  const putFailed = [...unkept.values()].filter((failure) => failure !== null)
  const deleteFailed = [...unkept].flatMap(([id, failure]) => (failure === null ? [id] : []))
  return { putFailed, deleteFailed, deleteWrites: putFailed.map(({ id }) => id) }
}

/** A failure that is lost with the power is a write that comes back as confirmed: the server was told that it may forget. */
function durabilityOf(ops: readonly BlindOp[], ofWrites: Durability): Durability {
  const into = new Set(ops.flatMap((op) => (op.do === 'delete' || op.do === 'clear' ? [] : [op.store])))
  if (into.has('failed')) return 'strict'
  return into.has('writes') || into.has('marks') ? ofWrites : 'relaxed'
}

const hasQueue = ({ putWrites, markWrites, deleteWrites, putFailed, deleteFailed }: RoomChange): boolean =>
  [putWrites, markWrites, deleteWrites, putFailed, deleteFailed].some((part) => part && part.length > 0)

const allRowsOf = (changes: readonly RoomChange[]): string[] => [...new Set(changes.flatMap(rowsOf))]

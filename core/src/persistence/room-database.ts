import { Batches } from './batches.ts'
import { writeBlindly } from './blind-write.ts'
import { compact, planCompaction } from './compaction.ts'
import { StorageClosed, Unavailable } from './database-connection.ts'
import type { Database } from './database-layout.ts'
import type { DeviceSurroundings } from './device-surroundings.ts'
import { leavingsOps } from './kept-shape.ts'
import { KnownQueue } from './known-queue.ts'
import { planRows, type RowPlan, thruText } from './plan-rows.ts'
import { placesOf, type RoomCut, readRoom } from './read-room.ts'
import type { Committed, NewFailure, RoomChange, RoomStorage, StoredRoom } from './room-storage.ts'
import { compacted, cutLoose, isDue, type ShapeThreads, threadsOf } from './shape-thread.ts'
import { faultOf } from './storage-fault.ts'
import { UNREADABLE } from './write-record.ts'

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
  #threads: ShapeThreads = new Map()
  #held: ReadonlySet<string> = new Set()
  #thruAt = 0

  constructor(name: string, around: DeviceSurroundings) {
    this.#name = name
    this.#around = around
    this.#queue = new KnownQueue(name)
  }

  load(): Promise<StoredRoom> {
    return this.#batches.inTurn(async () => {
      const cut = await this.#read()
      if (!cut) return { ...this.#queue.queue, shapes: [] }
      this.#threads = threadsOf(cut)
      this.#queue.adopt(cut)
      void this.#batches.inTurn(() => this.#tidy(cut))
      this.#compactSoon()
      return { ...this.#queue.queue, shapes: cut.shapes.map(({ told }) => told) }
    })
  }

  commit(change: RoomChange): Promise<Committed> {
    return this.#batches.add(change)
  }

  hold(keys: Iterable<string>): void {
    this.#held = new Set(keys)
  }

  async close(): Promise<void> {
    await this.#batches.inTurn(async () => {})
    this.#around.closed(this.#name)
  }

  /** The database lost everything, or was not to be had before: it is told what this tab knows. */
  async restore(database: Database, lost: 'all' | 'in memory'): Promise<void> {
    if (lost === 'all') this.#threads = new Map()
    for (let races = 0; ; races++) {
      const ords = new Map<string, number>()
      const places = await placesOf(database, this.#queue.restored(lost))
      try {
        await writeBlindly(database, this.#queue.restore(lost, places, ords), this.#around.durability)
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
    this.#threads = new Map()
  }

  async #read(): Promise<RoomCut | null> {
    try {
      return await this.#around.use((database) => readRoom(database, this.#name))
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
    const ords = await this.#around.use((database) => {
      if (this.#threads !== from) throw new Overtaken()
      return this.#writeOnce(database, changes, rows, tries)
    })
    this.#threads = rows.threads
    if (rows.ops.length > 0) this.#around.keptRows()
    this.#compactSoon()
    return { ords: this.#queue.apply(changes, ords), adrift: rows.adrift }
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
    const durability = changes.some(putsWrites) ? this.#around.durability : 'relaxed'
    await writeBlindly(database, [...queued, ...ops, ...this.#thru(changes, threads)], durability)
    return ords
  }

  #thru(changes: readonly RoomChange[], threads: ShapeThreads) {
    const now = Date.now()
    const asked = changes.some(({ keepPositions, deleteWrites }) => keepPositions || deleteWrites?.length)
    if (!asked && now - this.#thruAt < THRU_MS) return []
    this.#thruAt = now
    const value = thruText(threads)
    return value === null ? [] : [{ do: 'put', store: 'thru', key: this.#name, value } as const]
  }

  /** Rows come again from the server; writes do not. */
  async #writeWithoutRows(changes: readonly RoomChange[], cause: unknown): Promise<Committed> {
    if (faultOf(cause) === 'other') this.#around.report(cause)
    const adrift = rowsOf(changes)
    this.#threads = cutLoose(this.#threads, adrift)
    const queue = changes.map(({ replace: _, passes: __, touch: ___, dropShapes: ____, ...rest }) => rest)
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
    return { ords: this.#queue.apply(changes, new Map()), adrift: rowsOf(changes) }
  }

  /** Another tab has begun generations that this one does not know. */
  async #findTaken(taken: Map<string, number>): Promise<void> {
    const cut = await this.#read()
    for (const { kept } of cut?.shapes ?? []) taken.set(kept.header.key, kept.generation)
    for (const { key, generation } of cut?.spoilt ?? []) taken.set(key, generation)
  }

  /** What is of no use goes, and writes that cannot be read become failures. */
  async #tidy({ spoilt, failed }: RoomCut): Promise<void> {
    const unreadable: NewFailure[] = failed.filter(({ code, work }) => code === UNREADABLE && work === null)
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
      if (!(error instanceof Unavailable)) this.#around.report(error)
    }
    this.#compacting.delete(key)
  }
}

/** The database was made anew between the making of a plan and its execution. */
class Overtaken extends Error {}

const putsWrites = ({ putWrites, markWrites }: RoomChange): boolean =>
  (putWrites?.length ?? 0) + (markWrites?.length ?? 0) > 0

const hasQueue = (change: RoomChange): boolean =>
  putsWrites(change) ||
  [change.deleteWrites, change.putFailed, change.deleteFailed].some((part) => part && part.length > 0)

const rowsOf = (changes: readonly RoomChange[]): string[] => [
  ...new Set(
    changes.flatMap(({ replace = [], passes = [] }) => [
      ...replace.map(({ key }) => key),
      ...passes.flatMap(({ shapes }) => shapes.map(({ key }) => key)),
    ]),
  ),
]

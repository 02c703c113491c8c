import type { NewFailure, RoomChange, RoomStorage, ShapeRows, StoredPass } from './room-storage.ts'

/** Measured: fifty changes in one transaction take a fifth of what fifty transactions take. What is lost with it comes again. */
const WAIT_MS = 50
const PASSES = 64

export interface RoomBufferSurroundings {
  readonly room: RoomStorage
  /** Runs `task` after `ms` milliseconds. */
  readonly later: (task: () => void, ms: number) => void
  readonly report: (error: unknown) => void
  /** What is kept of the shape does not go on. */
  readonly adrift: (key: string) => void
}

const NOBODY = { resolve: () => {}, reject: () => {} }

/** What goes into one transaction. */
class Batch {
  readonly replace = new Map<string, ShapeRows>()
  readonly drop = new Set<string>()
  readonly touch = new Set<string>()
  readonly deleteWrites: string[] = []
  readonly putFailed: NewFailure[] = []
  passes: StoredPass[] = []
  readonly kept: Promise<void>
  settle: { readonly resolve: () => void; readonly reject: (error: unknown) => void } = NOBODY

  /** Batches are kept in the order of their places. */
  readonly place: number

  constructor(place: number) {
    this.place = place
    this.kept = new Promise((resolve, reject) => {
      this.settle = { resolve, reject }
    })
  }

  /** What was to be kept of the shape is void. */
  clear(key: string): void {
    this.replace.delete(key)
    this.drop.delete(key)
    this.passes = this.passes.map((pass) => ({
      ...pass,
      shapes: pass.shapes.filter((shape) => shape.key !== key),
    }))
  }

  get change(): RoomChange {
    return {
      replace: [...this.replace.values()],
      passes: this.passes,
      dropShapes: [...this.drop],
      touch: [...this.touch],
      deleteWrites: this.deleteWrites,
      putFailed: this.putFailed,
    }
  }
}

/** What has moved and is not kept yet. It waits a little, so that what comes together is kept together. */
export class RoomBuffer {
  readonly #around: RoomBufferSurroundings
  /** The place of the batch in which all rows of a shape were last handed in. */
  readonly #replacedIn = new Map<string, number>()
  #batch: Batch | undefined
  #batches = 0

  constructor(around: RoomBufferSurroundings) {
    this.#around = around
  }

  pass(pass: StoredPass): void {
    const { passes } = this.#open()
    passes.push(pass)
    if (passes.length >= PASSES) this.#commit({})
  }

  replace(rows: ShapeRows): void {
    const batch = this.#open()
    batch.clear(rows.key)
    batch.replace.set(rows.key, rows)
    this.#replacedIn.set(rows.key, batch.place)
  }

  drop(key: string): void {
    this.#open().clear(key)
    this.#open().drop.add(key)
  }

  touch(key: string): void {
    this.#open().touch.add(key)
  }

  /** Resolves when it is kept, with everything before. @throws when writes or failures could not be kept. */
  forget(ids: readonly string[], failures: readonly NewFailure[]): Promise<void> {
    const batch = this.#open()
    batch.deleteWrites.push(...ids)
    batch.putFailed.push(...failures)
    return batch.kept
  }

  /** Keeps everything now, and where each shape is. */
  flush(): Promise<void> {
    const { kept } = this.#open()
    this.#commit({ keepPositions: true })
    return kept
  }

  #open(): Batch {
    if (this.#batch) return this.#batch
    const batch = new Batch(++this.#batches)
    this.#batch = batch
    // Who waits for it is told; what nobody waits for is reported.
    batch.kept.catch(this.#around.report)
    this.#around.later(() => {
      if (this.#batch === batch) this.#commit({})
    }, WAIT_MS)
    return batch
  }

  #commit(extra: Pick<RoomChange, 'keepPositions'>): void {
    const batch = this.#batch
    if (!batch) return
    this.#batch = undefined
    this.#around.room.commit({ ...extra, ...batch.change }).then(({ adrift }) => {
      // One that has begun anew since is kept again.
      for (const key of adrift) if ((this.#replacedIn.get(key) ?? 0) <= batch.place) this.#around.adrift(key)
      batch.settle.resolve()
    }, batch.settle.reject)
  }
}

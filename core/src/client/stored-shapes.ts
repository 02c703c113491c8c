import type { RoomKeeper } from '../persistence/room-keeper.ts'
import type { StoredRoom, StoredShape } from '../persistence/room-storage.ts'
import { StorageClosed } from '../persistence/storage-closed.ts'
import { shapeKey } from '../stream/shape-key.ts'
import type { SubscriptionSpec } from '../wire/index.ts'

/** What was read is kept so long for collections that are not there yet; then it would only take room, and be out of date. */
const KEPT_MS = 10_000

export interface StoredShapesSurroundings {
  readonly keeper: RoomKeeper
  /** Runs `task` after `ms` milliseconds, if anything still runs then. */
  readonly later: (task: () => void, ms: number) => void
  readonly report: (error: unknown) => void
  /** The writes that are kept, as far as this tab knows. */
  readonly ids: () => readonly string[]
  /**
   * Writes and failures that are kept; before the rows of anybody who asked are handed out. `before` are the writes that were known to be
   * kept when the reading began.
   */
  readonly loaded: (room: StoredRoom, before: ReadonlySet<string>) => void
}

/** What is kept of a room, read at the start, and again when it may have changed. */
export class StoredShapes {
  readonly #around: StoredShapesSurroundings
  #shapes: ReadonlyMap<string, StoredShape> | undefined
  #reading: Promise<void> | undefined

  constructor(around: StoredShapesSurroundings) {
    this.#around = around
  }

  /** Reads again what is kept. Never rejects: what cannot be read comes again from the server. */
  refresh(): Promise<void> {
    this.#shapes = undefined
    return this.#read()
  }

  /** What is kept of these rows; undefined when nothing is. */
  async take(spec: SubscriptionSpec): Promise<StoredShape | undefined> {
    // Those who come in the same moment share the reading.
    const key = shapeKey(spec)
    if (!this.#shapes || this.#around.keeper.hasMoved(key)) await (this.#reading ?? this.#read())
    return this.#shapes?.get(key)
  }

  #read(): Promise<void> {
    const reading = this.#readRoom().finally(() => {
      if (this.#reading === reading) this.#reading = undefined
    })
    this.#reading = reading
    return reading
  }

  async #readRoom(): Promise<void> {
    const { keeper, later, report, ids, loaded } = this.#around
    const before = new Set(ids())
    const shapes = new Map<string, StoredShape>()
    try {
      const room = await keeper.load()
      for (const shape of room.shapes) shapes.set(shape.key, shape)
      loaded(room, before)
    } catch (error) {
      // Somebody logged out or the room was closed meanwhile, which is no fault of the device.
      if (!(error instanceof StorageClosed)) report(error)
    }
    this.#shapes = shapes
    later(() => {
      if (this.#shapes === shapes) this.#shapes = undefined
    }, KEPT_MS)
  }
}

import type { RoomKeeper } from '../persistence/room-keeper.ts'
import type { StoredRoom, StoredShape } from '../persistence/room-storage.ts'
import { shapeKey } from '../persistence/shape-key.ts'
import type { SubscriptionSpec } from '../wire/index.ts'

/** What was read at the start is kept so long for collections that are not there yet; then it would only take room. */
const KEPT_MS = 10_000

export interface StoredShapesSurroundings {
  readonly keeper: RoomKeeper
  /** Runs `task` after `ms` milliseconds, if anything still runs then. */
  readonly later: (task: () => void, ms: number) => void
  readonly report: (error: unknown) => void
  /** Writes and failures that were kept; before the rows of anybody who asked are handed out. */
  readonly loaded: (room: StoredRoom) => void
}

/** What is kept of a room, read once at the start and again for whoever comes late. */
export class StoredShapes {
  readonly #around: StoredShapesSurroundings
  readonly #shapes = new Map<string, StoredShape>()
  #started: Promise<void> | undefined
  #reading: Promise<void> | undefined
  #since: 'start' | 'later' = 'start'

  constructor(around: StoredShapesSurroundings) {
    this.#around = around
  }

  /** Resolves when writes and rows have been read. Never rejects: what cannot be read comes again from the server. */
  start(): Promise<void> {
    this.#started ??= this.#read()
    return this.#started
  }

  /** What is kept of these rows; undefined when nothing is. */
  async take(spec: SubscriptionSpec): Promise<StoredShape | undefined> {
    const key = shapeKey(spec)
    await this.start()
    if (this.#since === 'later') {
      // Those who come in the same moment share it.
      this.#reading ??= this.#read().finally(() => {
        this.#reading = undefined
      })
      await this.#reading
    }
    return this.#shapes.get(key)
  }

  async #read(): Promise<void> {
    const { keeper, later, report, loaded } = this.#around
    try {
      const room = await keeper.load()
      this.#shapes.clear()
      for (const shape of room.shapes) this.#shapes.set(shape.key, shape)
      loaded(room)
    } catch (error) {
      report(error)
    }
    later(
      () => {
        this.#since = 'later'
        this.#shapes.clear()
      },
      this.#since === 'start' ? KEPT_MS : 0,
    )
  }
}

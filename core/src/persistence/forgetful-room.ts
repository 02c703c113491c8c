import { rowsOf } from './leaving-writes.ts'
import {
  type Committed,
  IN_MEMORY,
  type NewFailure,
  type NewWrite,
  type RoomChange,
  type RoomStorage,
  revisedId,
} from './room-storage.ts'

/** What is known where nothing can be read. What a page has written itself, its outbox knows. */
export const NOTHING_KNOWN = { writes: [], failed: [], shapes: [], from: 'memory' } as const

/** A room of which nothing can be kept for now: writes get their places, and are remembered for when they can be kept. Rows are not. */
export class ForgetfulRoom implements RoomStorage {
  readonly #writes = new Map<string, NewWrite>()
  readonly #failed = new Map<string, NewFailure>()
  /** Writes and failures that may be kept from before, and are gone. */
  readonly #gone = { writes: new Set<string>(), failed: new Set<string>() }
  #next = IN_MEMORY

  /** What all commits together have to do yet. */
  get owed(): RoomChange {
    return {
      putWrites: [...this.#writes.values()],
      deleteWrites: [...this.#gone.writes],
      putFailed: [...this.#failed.values()],
      deleteFailed: [...this.#gone.failed],
    }
  }

  async load() {
    return NOTHING_KNOWN
  }

  async queue() {
    return NOTHING_KNOWN
  }

  async commit(change: RoomChange): Promise<Committed> {
    const { putWrites = [], markWrites = [], deleteWrites = [], putFailed = [], deleteFailed = [] } = change
    for (const write of putWrites) this.#writes.set(write.id, write)
    for (const mark of markWrites) {
      const write = this.#writes.get(mark.id)
      if (write) this.#writes.set(mark.id, { ...write, ...mark })
    }
    for (const id of deleteWrites) if (!this.#writes.delete(id)) this.#gone.writes.add(id)
    for (const failure of putFailed) this.#failed.set(failure.id, failure)
    for (const id of deleteFailed) if (!this.#failed.delete(id)) this.#gone.failed.add(id)
    return { ords: new Map(putWrites.map(({ id }) => [id, this.#next++])), adrift: rowsOf(change) }
  }

  async revise(revisions: Parameters<RoomStorage['revise']>[0]): Promise<ReadonlySet<string>> {
    return new Set(revisions.map(revisedId))
  }

  hold(): void {}

  async close(): Promise<void> {}
}

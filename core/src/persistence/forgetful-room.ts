import { rowsOf } from './leaving-writes.ts'
import { type Committed, IN_MEMORY, type RoomChange, type RoomStorage, revisedId } from './room-storage.ts'

/** What is known where nothing can be read. What a page has written itself, its outbox knows. */
export const NOTHING_KNOWN = { writes: [], failed: [], shapes: [], from: 'memory' } as const

/** A room of which nothing can be kept: writes only get their places. */
export class ForgetfulRoom implements RoomStorage {
  #next = IN_MEMORY

  async load() {
    return NOTHING_KNOWN
  }

  async queue() {
    return NOTHING_KNOWN
  }

  async commit(change: RoomChange): Promise<Committed> {
    const { putWrites = [] } = change
    return { ords: new Map(putWrites.map(({ id }) => [id, this.#next++])), adrift: rowsOf(change) }
  }

  async revise(revisions: Parameters<RoomStorage['revise']>[0]): Promise<ReadonlySet<string>> {
    return new Set(revisions.map(revisedId))
  }

  hold(): void {}

  async close(): Promise<void> {}
}

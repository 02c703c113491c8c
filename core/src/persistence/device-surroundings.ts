import type { Durability } from './blind-write.ts'
import type { Database } from './database-layout.ts'

/** What a room needs of its device. */
export interface DeviceSurroundings {
  /** Of writes: whether they must survive the loss of power. */
  readonly durability: Durability
  /** @throws Unavailable, or what `work` throws. `work` may be run again. */
  use<T>(work: (database: Database) => Promise<T>): Promise<T>
  /** There was none for a commit of `room`: lets go of rows of other rooms that were not used for long. */
  makeRoom(room: string, cause: unknown): Promise<void>
  /** Rows were kept. */
  keptRows(): void
  /** Runs `task` when nothing else is to be done. */
  whenIdle(task: () => void): void
  closed(room: string): void
  report(error: unknown): void
}

import type { NewFailure, NewWrite, WriteMark } from '../persistence/room-storage.ts'

/**
 * Keeps the writes of one room durably. Calls may share a transaction, and `forget` may wait for others; what was put before it, or
 * marked, is gone after it.
 */
export interface WriteKeeper {
  /**
   * Resolves when the writes are durable, with their places. `dropFailed`: failed writes that they replace.
   * @throws whatever made it fail, by rejecting; the writes are then rejected and rolled back.
   */
  put(writes: readonly NewWrite[], dropFailed?: readonly string[]): Promise<ReadonlyMap<string, number>>
  /** Resolves when it is durable that these may have been sent. */
  mark(marks: readonly WriteMark[]): Promise<void>
  /**
   * The writes are settled; those that failed are kept as failures. Resolves when that is durable, together with the frames that were
   * applied before.
   */
  forget(ids: readonly string[], failures: readonly NewFailure[]): Promise<void>
  dropFailed(ids: readonly string[]): Promise<void>
}

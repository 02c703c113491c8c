import type { Work } from '../outbox/entry.ts'

/** A write as it is kept until the server has decided it. */
export interface StoredWrite {
  readonly id: string
  readonly work: Work
  /** Milliseconds since 1970; for display, never for order. */
  readonly queuedAt: number
}

/**
 * Where a client keeps what must outlive its memory. One storage belongs to one client.
 *
 * Laws for every implementation. A write is kept before it is sent: `putWrite` resolves when the write is durable, and only then may it
 * leave. Writes come back in the order in which `putWrite` was called. `deleteWrites` may be lost in a crash: the server replays the
 * outcome of a write that it has decided. A storage that fails rejects; it never resolves without having kept the write.
 */
export interface Storage {
  /** @throws whatever made it fail; the write is then rejected and rolled back. */
  putWrite(write: StoredWrite): Promise<void>
  deleteWrites(ids: readonly string[]): Promise<void>
  /** Lets go of what the storage holds open. */
  close(): Promise<void>
}

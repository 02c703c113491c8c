import type { PendingOp, PlacedWrite } from './pending-op.ts'

/** What a write that no transaction of the collection shows means for it. */
export interface AdoptedWrite {
  readonly write: PlacedWrite
  readonly ops: readonly PendingOp[]
  /** Rows as they were, one for each operation. */
  readonly before: readonly (object | null)[]
}

/** What a write asks of the collections that it touches. */
export interface PendingWriter {
  retireOverlays(): void
  begin(write: PlacedWrite, ops: readonly PendingOp[], originals: readonly (object | null)[]): void
  project(write: string): void
  /** They become visible together. */
  adopt(writes: readonly AdoptedWrite[]): void
  settle(write: string): void
}

/** The writer of each collection's current sync run, by the collection. */
export type Writers = WeakMap<object, PendingWriter>

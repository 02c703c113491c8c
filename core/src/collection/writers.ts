import type { PendingOp } from './pending-op.ts'

/** What a write asks of the collections that it touches. */
export interface PendingWriter {
  retireOverlays(): void
  begin(write: string, ops: readonly PendingOp[], originals: readonly (object | null)[]): void
  project(write: string): void
  adopt(write: string, ops: readonly PendingOp[], before: readonly (object | null)[]): void
  settle(write: string): void
}

/** The writer of each collection's current sync run, by the collection. */
export type Writers = WeakMap<object, PendingWriter>

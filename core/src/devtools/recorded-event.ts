import type { SyncEvent } from '../observer/sync-event.ts'

export interface RecordedEvent {
  /** Counts all events of a client, from 1. */
  readonly number: number
  readonly event: SyncEvent
}

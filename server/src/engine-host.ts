import type { SyncEvent } from './sync-event.ts'

/** What the engine asks of the object it lives in. */
export interface EngineHost {
  readonly ctx: DurableObjectState
  readonly env: unknown
  parseAttachment(request: Request): unknown
  /** Claims for a token that came in band; undefined when the author does not support that. */
  parseToken(token: string): unknown
  onSyncEvent(event: SyncEvent): void
}

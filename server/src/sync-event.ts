/** What happens inside, for logs and metrics. It may gain members. */
export type SyncEvent =
  | { readonly type: 'setup-failed'; readonly code: string; readonly message: string }
  | { readonly type: 'socket-opened'; readonly socket: string; readonly principal: string }
  | {
      readonly type: 'socket-closed'
      readonly socket: string
      readonly code: number
      readonly reason: string
    }
  | {
      readonly type: 'hello'
      readonly socket: string
      readonly resumed: number
      readonly restarted: number
      readonly reset: string | null
    }
  | { readonly type: 'joined'; readonly socket: string; readonly collection: string }
  | { readonly type: 'refused'; readonly socket: string; readonly code: string; readonly message: string }
  | {
      readonly type: 'settled'
      readonly cid: string
      readonly n: number
      readonly outcome: string
      readonly code: string | null
    }
  | {
      readonly type: 'flushed'
      /** Changed rows that were read. */
      readonly rows: number
      /** How often a row was matched with a filter: at most once for each distinct one, however many sockets show it. */
      readonly matched: number
      readonly bytes: number
      readonly sockets: number
    }
  | { readonly type: 'compacted'; readonly deleted: number }
  | { readonly type: 'pruned'; readonly through: number }
  | { readonly type: 'error'; readonly where: string; readonly error: unknown }

export type SyncEventSink = (event: SyncEvent) => void

/** What is done with events that nobody else wants. */
export const logErrors: SyncEventSink = (event) => {
  if (event.type === 'error') console.error(`durable-sync: ${event.where}`, event.error)
}

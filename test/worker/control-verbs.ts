import type { Snapshot, SnapshotRequest } from '@durable-sync/server'
import type { Full } from './full-storage.ts'
import type { KeptSubscription } from './kept-subscriptions.ts'
import type { Registration } from './registration.ts'
import type { RowCounts } from './row-counter.ts'
import type { Claims } from './rows.ts'
import type { StoredRow } from './stored-rows.ts'

/** A binding as JSON can say it. */
export type Param =
  | string
  | number
  | boolean
  | null
  | { readonly hex: string }
  | { readonly int: string }
  | { readonly date: number }

/**
 * What a test may do to a room over HTTP, with what it sends and what it gets: `POST /control/<room>/<verb>`. Nothing protects these
 * routes, because they exist in no other Worker than the fixture's.
 */
export interface ControlVerbs {
  /** Runs one statement, past the library (`storage`) or through its `sql` (`sync`). Blobs come back as `{ hex }`. */
  sql: {
    args: { readonly statement: string; readonly params: readonly Param[]; readonly via: 'storage' | 'sync' }
    result: Record<string, unknown>[]
  }
  /** Runs statements in one `runSyncedWrite`, and when asked to throws after them, or returns a promise. */
  write: {
    args: {
      readonly statements: readonly string[]
      readonly thenThrow?: string
      readonly asynchronous?: boolean
    }
    result: null
  }
  rows: { args: { readonly table: string }; result: StoredRow[] }
  stats: { args: Record<never, never>; result: RoomStats }
  /** Joined subscriptions, as they outlive a sleep. */
  subscriptions: { args: Record<never, never>; result: KeptSubscription[] }
  resetCounts: { args: Record<never, never>; result: null }
  /** From now on this has no room any more, until the object is constructed anew. */
  fill: { args: { readonly full: Full }; result: null }
  /** How SQLite carries out every statement that read `table` since the last `resetCounts`. */
  plans: {
    args: { readonly table: string }
    result: { readonly text: string; readonly plan: readonly string[] }[]
  }
  flush: { args: Record<never, never>; result: null }
  /** Deletes every log row that is not the newest of its key. */
  compact: { args: Record<never, never>; result: null }
  /** Deletes everything below the newest era that began before this time, in milliseconds since 1970. */
  prune: { args: { readonly before: number }; result: null }
  disconnect: { args: { readonly userId: string }; result: number }
  setClaims: { args: { readonly userId: string; readonly claims: Claims }; result: number }
  resyncAll: { args: Record<never, never>; result: null }
  /** Calls `registerSync` again, as after a migration while the object runs. */
  register: { args: Registration; result: null }
  uninstall: { args: Record<never, never>; result: null }
  deleteAll: { args: Record<never, never>; result: null }
  /** What `onSyncEvent` was told since the room was last constructed. */
  events: {
    args: Record<never, never>
    result: { readonly type: string; readonly [field: string]: unknown }[]
  }
}

export type Verb = keyof ControlVerbs

/** Verbs that the Worker itself carries out. */
export interface OutsideVerbs {
  /** Out of memory with its sockets open, as hibernation does, or with them closed. */
  evict: { args: { readonly webSockets: 'hibernate' | 'close' }; result: null }
  /** Ends the object at once; what was not committed is lost, sockets see 1006. */
  abort: { args: Record<never, never>; result: null }
  /** What the Worker reads over RPC to render a page. */
  snapshot: { args: { readonly claims: Claims | null; readonly request: SnapshotRequest }; result: Snapshot }
  /** The object's id, which names its database file. */
  id: { args: Record<never, never>; result: string }
  /** Moves the clock of every object in this process: `Date.now()` says this many milliseconds more than it is. */
  clock: { args: { readonly aheadMs: number }; result: null }
}

export interface RoomStats extends RowCounts {
  /** How often this object was constructed since the process started. */
  readonly constructed: number
  /** Different for every construction. */
  readonly instance: string
  /** Hibernatable sockets that the runtime holds for it. */
  readonly sockets: number
  readonly databaseSize: number
}

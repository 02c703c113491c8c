import type { SyncError } from '../errors.ts'

/** How a collection's rows relate to the server's. It may gain members; handle an unknown one like `loading`. */
export type CollectionSyncState =
  /** Nobody uses the collection. */
  | { readonly phase: 'idle' }
  /** No rows of the server yet. */
  | { readonly phase: 'loading' }
  /** Rows are shown, and the server may have newer ones. `since` is milliseconds since 1970. */
  | { readonly phase: 'stale'; readonly since: number }
  /** The rows are the server's, and every change arrives as it happens. */
  | { readonly phase: 'live' }
  /**
   * The server refuses to serve the collection: it is asked again on each new connection, unless the client is closed. Or code that it needs could
   * not be loaded (`code-not-loaded`), which is tried again.
   */
  | { readonly phase: 'error'; readonly error: SyncError }

export const IDLE: CollectionSyncState = { phase: 'idle' }
export const LOADING: CollectionSyncState = { phase: 'loading' }
export const LIVE: CollectionSyncState = { phase: 'live' }

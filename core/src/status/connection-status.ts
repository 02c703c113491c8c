import type { AuthError, SyncError } from '../errors.ts'

/** What happens next with the connection, and who has to act. It may gain members; handle an unknown one like `connecting`. */
export type ConnectionStatus =
  /** Nothing needs the server yet, or nothing needs it any more. */
  | { readonly state: 'idle' }
  /** The first connection is being made. `attempt` starts at 1. */
  | { readonly state: 'connecting'; readonly attempt: number }
  /** Welcomed. `since` is milliseconds since 1970. */
  | { readonly state: 'connected'; readonly since: number }
  /** Lost for a moment; it is being made again. Show nothing. */
  | { readonly state: 'reconnecting'; readonly attempt: number; readonly cause: SyncError }
  /** Lost for longer than `lostAfterMs`, or it never worked; still retrying. Show a banner. */
  | { readonly state: 'disconnected'; readonly attempt: number; readonly cause: SyncError }
  /** Paused until `resume()`: the application must provide credentials. Unsent writes are kept. */
  | { readonly state: 'needs-auth'; readonly cause: AuthError }
  /** Paused until `resume()`: a deploy or a bug; the cause says which. Unsent writes are kept. */
  | { readonly state: 'failed'; readonly cause: SyncError }
  /** Closed by the application, for good. */
  | { readonly state: 'closed' }

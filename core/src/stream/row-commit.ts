import type { SyncError } from '../errors.ts'
import type { CollectionSyncState } from '../status/collection-sync-state.ts'
import type { Block, Kinds } from '../wire/index.ts'

/** Rows of one subscription that become visible together. */
export interface RowCommit {
  /** In the order they were read; a later block wins. */
  readonly blocks: readonly Block[]
  /** The key column. */
  readonly key: string
  readonly kinds: Kinds
  /** `replace`: the blocks are the whole set, what they do not hold is gone. `merge`: they are changes to the rows held. */
  readonly as: 'replace' | 'merge'
}

/** Where the rows of one subscription go. All calls are synchronous. */
export interface RowSink {
  /** Hands the rows on. The rows are accepted when this returns, not necessarily visible. */
  apply(commit: RowCommit): void
  /** The rows are those of the server, for the first time. */
  ready(): void
  /** The server will not serve the rows on this socket, and none have been shown. A later socket may still bring them, unless the client is closed. */
  refuse(error: SyncError): void
  /** Called when it has changed. */
  state(state: CollectionSyncState): void
}

import type { SyncError } from '../errors.ts'
import type { CollectionSyncState } from '../status/collection-sync-state.ts'
import type { Block, Kinds, Place, Position } from '../wire/index.ts'

/** Rows of one subscription that become visible together. */
export interface RowCommit {
  /** In the order they were read; a later block wins. Subscriptions that a frame tells the same are given the same array. */
  readonly blocks: readonly Block[]
  /** The key column. */
  readonly key: string
  readonly kinds: Kinds
  /** `replace`: the blocks are the whole set, what they do not hold is gone. `merge`: they are changes to the rows held. */
  readonly as: 'replace' | 'merge'
  /** The position of the frame that ends what the blocks belong to; keys of removals may be digested under it. */
  readonly at: Position
  /** Of a window: where it ends from here on, and how many of its rows are wanted. */
  readonly window: WindowExtent | null
  /** The rows were kept on this device, or came with the page: nothing has arrived over the socket. */
  readonly from?: 'device'
}

export interface WindowExtent {
  /** The place of the last row inside. Null: every row of the filter is. */
  readonly boundary: Place | null
  readonly limit: number
}

/** What a window holds after a commit. */
export interface WindowMeasure {
  readonly held: number
  /** It was too long and has been cut: the place of its last row now. */
  readonly cut: Place | null
}

/** What became of the rows of one frame. */
export interface Applied {
  /** Of the parts, in their order; null for what is no window. Also where something was thrown: what was cut is cut. */
  readonly measures: readonly (WindowMeasure | null)[]
  /**
   * What was thrown while the rows were handed on, by a listener of the application or by `getKey`; undefined when nothing was. `left out`: they
   * were kept, or came with the page, and none of them is held or shown.
   */
  readonly thrown: { readonly error: unknown; readonly rows?: 'left out' } | undefined
}

/** Subscriptions whose rows become visible together: those of one collection. */
export interface RowGroup {
  /** Hands on the rows of one frame. They are accepted when this returns, not necessarily visible. */
  apply(parts: readonly RowPart[]): Applied
}

export interface RowPart {
  readonly sink: RowSink
  readonly commit: RowCommit
}

/** Where the rows of one subscription go. All calls are synchronous. */
export interface RowSink {
  readonly group: RowGroup
  /** The rows are those of the server, as it has them or as they were kept, for the first time. */
  ready(): void
  /** Nothing is kept of the rows on this device: what is pending is all that can be shown until the server answers. */
  nothingKept?(): void
  /**
   * The server will not serve the rows on this socket. A later socket may still bring them, unless the client is closed. `rows`: whether
   * some have been there before; a failure of the server is not told of those, it is asked again.
   */
  refuse(error: SyncError, rows: 'none' | 'held'): void
  /** Called when it has changed. */
  state(state: CollectionSyncState): void
  /** The client was closed, for good: what is not here will not come. */
  closed(): void
}

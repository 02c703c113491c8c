import { position } from './cell.ts'
import { boundary, predicate, windowSpec } from './predicate.ts'
import { block, kinds } from './server-frame.ts'
import { count, type Infer, list, oneOf, optional, struct, text } from './shape.ts'

/**
 * Rows of an object at a position, read for somebody without a socket: for a page that is rendered on a server. Plain JSON, complete in
 * itself; a client that is handed one shows these rows and goes on from their position.
 */
export const snapshot = struct({
  type: oneOf('snapshot'),
  v: count(),
  /** Whose rows these are. */
  principal: text(1024),
  collection: text(256),
  where: optional(predicate),
  window: optional(windowSpec),
  /** Under which they are held. */
  shape: text(64),
  at: position,
  key: text(256),
  kinds,
  /** Of a window: where it ends. */
  boundary: optional(boundary),
  blocks: list(block),
})
export type Snapshot = Infer<typeof snapshot>

/** Which rows are read. Plain data: it crosses from the Worker to the object, which what `filter` builds does not. */
export interface SnapshotRequest {
  readonly table: string
  /** Column values, as a plain object. */
  readonly where?: object
  /** With `limit`: the first rows of this order, as a live query with `orderBy` and `limit` over an on-demand collection asks for them. */
  readonly orderBy?: readonly SnapshotOrder[]
  /** Default: all rows. Only with `orderBy`. */
  readonly limit?: number
}

export interface SnapshotOrder {
  readonly column: string
  /** Default `asc`. */
  readonly direction?: 'asc' | 'desc'
  /** Default `first`. */
  readonly nulls?: 'first' | 'last'
  /** `lexical` is needed for a column that may hold text. Default `locale`. */
  readonly stringSort?: 'lexical' | 'locale'
}

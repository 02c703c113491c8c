/**
 * The rules of the stream that can be switched, each with the value that is built first. Another value is a design
 * that somebody could have written; `counterexamples.ts` shows what it loses.
 */
export interface Rules {
  // Positions

  /** A position is valid iff the era that covers its seq has its nonce; the log row itself is never looked up. */
  validate: 'era' | 'seq' | 'row' | 'row or missing'
  /** Only pruning moves the floor below which a position is invalid; compaction never does. */
  floor: 'prunedThrough' | 'oldest row' | 'none'
  /** On wake every socket whose position is not the head is validated, and closed with 1012 when it fails. */
  wakeValidates: boolean
  /** Every flush validates the position it continues from. */
  flushValidates: boolean
  /** Since and p0 are validated in the turn that ends the join; a bad one restarts that join as a snapshot. */
  joinValidates: boolean
  /** A page request brings back the head at which the last page was read, and that is validated too. */
  joinCursor: 'p0 and last page' | 'p0 and instance' | 'p0'
  /** After a wipe the instance aborts: its sockets close, and the next log write starts an era. */
  wipeAborts: boolean
  /** Before prunedThrough passes a live socket's position, that socket gets a boundary to the head. */
  pruneBoundary: boolean
  /** Only the last frame of a flush moves the client's position. */
  mover: 'changes' | 'receipt too'
  /** The frames of one flush are staged, and applied as one commit with the last. */
  wholeFlush: boolean
  /** A reset takes joined and since from every mounted subscription in the same step. */
  resetDemotes: boolean

  // Joins

  /** The turn that ends a join first brings the socket's joined subscriptions to the head. */
  joinFlush: 'to the head' | 'none' | 'none, joined moves'
  /** A paged join ends with a catch-up over (p0, head]. */
  joinCatchUp: boolean
  /** Flush, catch-up and joined leave in one turn. */
  joinEndsInOneTurn: boolean
  /** A snapshot is staged, and replaces the set at its end. */
  snapshotReplaces: boolean
  /** A catch-up from since is staged like a snapshot. */
  catchUpStaged: boolean
  /** A drop discards the stage of a join; the next socket starts the join afresh. */
  dropDiscardsStage: boolean
  /** Join frames carry a number unique on their socket, and the client ignores the frames of another number. */
  joinNumbers: boolean
  /** The hello's `at` speaks for joined subscriptions only. */
  atForJoinedOnly: boolean
  /** A subscription that is not joined keeps the position its rows are good for. */
  ownSince: boolean
  /** Stored subscriptions resume together only when they share one position; none is lowered to another's. */
  resumeTogether: 'same position' | 'lowest position'
  /** A dirty key whose row is absent or does not match is sent as a delete. */
  moveOut: boolean

  // Sockets

  /** The socket's position is in its attachment, written in the turn that sends. */
  positionKept: 'attachment' | 'attachment of the hello' | 'table' | 'nowhere'
  /** The attachment says which joined subscriptions the table must hold; a wake that finds others closes with 1012. */
  subscriptionsStamped: boolean
  /** Frames of an abandoned socket are dropped, and so are the receipts in them. */
  oldSocket: 'dead' | 'frames apply' | 'receipts settle'
  /** `from` that is not my position is a gap: apply nothing, fresh socket. */
  gap: boolean

  // Writes

  /** The frame with a receipt is sent even when it carries no row for that socket. */
  emptyReceiptFrame: boolean
  /** After `live` the client sends again what is unanswered. */
  resend: boolean
  /** The server answers a known (cid, n) from its record and runs nothing. */
  replay: boolean
  /** The last frame of the resume pass carries the outcomes of the writes that the hello names. */
  outcomesInLive: boolean
  /** A confirmed write stays shown while its collection is joining, and retires with the commit that ends the join. */
  heldWhileJoining: boolean
}

export const built: Readonly<Rules> = {
  validate: 'era',
  floor: 'prunedThrough',
  wakeValidates: true,
  flushValidates: true,
  joinValidates: true,
  joinCursor: 'p0 and last page',
  wipeAborts: true,
  pruneBoundary: true,
  mover: 'changes',
  wholeFlush: true,
  resetDemotes: true,
  joinFlush: 'to the head',
  joinCatchUp: true,
  joinEndsInOneTurn: true,
  snapshotReplaces: true,
  catchUpStaged: true,
  dropDiscardsStage: true,
  joinNumbers: true,
  atForJoinedOnly: true,
  ownSince: true,
  resumeTogether: 'same position',
  moveOut: true,
  positionKept: 'attachment',
  subscriptionsStamped: true,
  oldSocket: 'dead',
  gap: true,
  emptyReceiptFrame: true,
  resend: true,
  replay: true,
  outcomesInLive: true,
  heldWhileJoining: true,
}

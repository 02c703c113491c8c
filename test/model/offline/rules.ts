/**
 * The rules of offline work that can be switched, each with the value that is built first and the invariant of PROTOCOL.md that it
 * belongs to. Another value is a design that somebody could have written; `counterexamples.ts` shows what it loses.
 */
export interface Rules {
  // R6: what is stored of the rows

  /** A position is stored in the record of the rows that it stands for, never by itself. */
  position: 'with the rows' | 'before the rows' | 'after the rows'
  /** Frames are stored as they came; memory is never written over what is stored. */
  flush: 'frames' | 'whole state'
  /**
   * A record says from where to where it leads. A load takes one unbroken line of them, the one that leads furthest, and goes on with a
   * record that overlaps its end only if both are of one history.
   */
  log: 'furthest line of one history' | 'whatever overlaps'
  /** The rows after a reset take away what was stored behind the old ones, also where both are of one history. */
  reset: 'clears the log' | 'clears the log of another history'
  /** Compaction adds the next generation, which fails when there is one, and leaves the records that lead on from it. */
  compaction: 'adds a generation' | 'clears the log' | 'overwrites'
  /** A write leaves the outbox in the transaction that stores the frame with its receipt. */
  deleted: 'with the frame' | 'on the receipt'
  /** Rows and outbox are read in one transaction. */
  loadedInOneCut: boolean

  // R6: tabs

  /** Who becomes the leader begins with the rows and the position that are stored, and hands nothing in. */
  leads: 'from what is stored' | 'from its rows, at the stored position' | 'from its rows and position'
  /** A follower mounts at the leader under its own position, and gets numbered messages. After a hole, or at another leader, it mounts anew. */
  relayed: 'numbered, by mount' | 'unnumbered' | 'to whoever listens'

  // R7: what is stored of the writes

  /** A page session has its own client id and counts in memory. */
  numbers: 'of the page session' | 'of the browser'
  /** A write is stored before it is sent. */
  storedFirst: boolean
  /** The mark "may have been sent" is stored before the first send. */
  markedFirst: boolean
  /** A mark that is written after its write is flushed to the disk before the send. The app may choose the weaker one: see README. */
  markStrict: boolean
  // R7: what a verdict means

  /**
   * Verdicts are weighed with the marks that are stored by then, and an outcome counts only for a write that the outbox still has:
   * otherwise another tab has ended it, and the server may have forgotten how.
   */
  judged: 'with the outbox' | 'with the outbox, at the welcome' | 'from memory'
  /** A marked write of an unknown client id is sent again if it was marked so recently that the id cannot have been swept. */
  unknownMarked: 'again if recent' | 'again if recent and reset' | 'again' | 'given up'
  /** A retired client id has decided its numbers up to its last like any other. */
  retired: 'decided up to last' | 'unknown'
  /** How recent is told by the mark of the write, in the server's time. */
  recency: 'of the mark' | 'of the room'
  /** Numbers stay what they are; one that has no write any more is sent as `skip`. */
  holes: 'skipped' | 'left'
  /** After a restore the writes that are left keep their client id and numbers. */
  restored: 'same numbers' | 'new client id' | 'new client id, old one retired'
  /** A write that is taken back keeps its number, and is sent as `skip`. */
  discard: 'skip' | 'number again'

  // R7: senders

  /** A write waits until those before it are decided, if they have another client id. */
  order: 'one client id at a time' | 'all at once'
  /** A client id is retired by a page that holds its Web Lock, so its page is dead. */
  retireNeedsLock: boolean
  /** The server is told that a rejection was seen only when it is stored as a failed write. */
  seen: 'when stored' | 'when applied'
  /** The transaction that stores a failed write is flushed to the disk. */
  failedStrict: boolean

  // R7: the server

  /** A known (cid, n) is answered from the record. */
  replay: boolean
  /** A rejection uses up its number. */
  rejectionCounts: boolean

  // R17, R18: who, and what is shown

  /** A welcome to another principal than the store's is not applied, and nothing is sent. */
  principal: boolean
  /** A database belongs to one user. */
  storePerUser: boolean
  /** After a logout no page can store anything any more for that user, also one that has not heard of it. */
  purge: 'keeps out' | 'clears'
  /** A pending write stops being shown in the step that shows its row; a receipt alone takes nothing off. */
  overlayEnds: 'with the rows' | 'on the receipt'
}

export const built: Readonly<Rules> = {
  position: 'with the rows',
  flush: 'frames',
  log: 'furthest line of one history',
  reset: 'clears the log',
  compaction: 'adds a generation',
  deleted: 'with the frame',
  loadedInOneCut: true,
  leads: 'from what is stored',
  relayed: 'numbered, by mount',
  numbers: 'of the page session',
  storedFirst: true,
  markedFirst: true,
  markStrict: true,
  judged: 'with the outbox',
  unknownMarked: 'again if recent',
  retired: 'decided up to last',
  recency: 'of the mark',
  holes: 'skipped',
  restored: 'same numbers',
  discard: 'skip',
  order: 'one client id at a time',
  retireNeedsLock: true,
  seen: 'when stored',
  failedStrict: true,
  replay: true,
  rejectionCounts: true,
  principal: true,
  storePerUser: true,
  purge: 'keeps out',
  overlayEnds: 'with the rows',
}

/** The invariant of PROTOCOL.md that each rule is a part of. */
export const invariants: Readonly<Record<keyof Rules, 'R6' | 'R7' | 'R17' | 'R18'>> = {
  position: 'R6',
  flush: 'R6',
  log: 'R6',
  reset: 'R6',
  compaction: 'R6',
  deleted: 'R6',
  loadedInOneCut: 'R6',
  leads: 'R6',
  relayed: 'R6',
  numbers: 'R7',
  storedFirst: 'R7',
  markedFirst: 'R7',
  markStrict: 'R7',
  judged: 'R7',
  unknownMarked: 'R7',
  retired: 'R7',
  recency: 'R7',
  holes: 'R7',
  restored: 'R7',
  discard: 'R7',
  order: 'R7',
  retireNeedsLock: 'R7',
  seen: 'R7',
  failedStrict: 'R7',
  replay: 'R7',
  rejectionCounts: 'R7',
  principal: 'R17',
  storePerUser: 'R17',
  purge: 'R17',
  overlayEnds: 'R18',
}

/** One object, one observed client with two subscriptions, any number of other writers. */

export type Table = 'A' | 'B'
/** Index of a subscription and of its table: 0 is A, everything; 1 is B, filtered on the row's flag. */
export type Index = 0 | 1
export const both: readonly Index[] = [0, 1]
/** A table has three keys, so that a join has a page between its first and its last. */
export type Key = 0 | 1 | 2
export const keys: readonly Key[] = [0, 1, 2]
export const tableName = (i: Index): Table => (i === 0 ? 'A' : 'B')

/** What a write leaves: no row, a row whose flag is off, or on. */
export type Value = 'gone' | 'off' | 'on'
/** One entry of the true history; entry i has seq i + 1. */
export interface Change {
  readonly table: Index
  readonly key: Key
  readonly value: Value
  readonly id: number
  /** That of the era it falls in, which is that of the instance that wrote it. */
  readonly nonce: number
}

/** `ghost` is the id of the write at seq: the properties compare it, the protocol may not read it. */
export interface Position {
  readonly seq: number
  readonly nonce: number
  readonly ghost: number
}
/** The position of a log that nothing was written to. */
export const zero: Position = { seq: 0, nonce: 0, ghost: 0 }
export const same = (a: Position | null, b: Position | null): boolean =>
  a === null || b === null ? a === b : a.seq === b.seq && a.nonce === b.nonce

/** A row is known by the id of the write that made it; null is no row. */
export type Cell = number | null
export type Cells = readonly [Cell, Cell, Cell]
/** What a frame says of a table's keys, undefined where nothing; the tables of a frame by index. */
export type Rows = readonly [Cell | undefined, Cell | undefined, Cell | undefined]
export type Tables = readonly [Rows, Rows]

/** How far a paged join has come: p0, the key to read from, the head and the instance of the last page. */
export interface JoinCursor {
  readonly p0: Position
  readonly after: Key
  readonly read: Position
  readonly instance: number
}

export type Frame =
  | {
      readonly is: 'hello'
      readonly at: Position | null
      readonly joined: readonly [boolean, boolean]
      pending: boolean
    }
  | {
      readonly is: 'join'
      readonly of: Index
      readonly join: number
      since: Position | null
      cursor: JoinCursor | null
    }
  | { readonly is: 'leave'; readonly of: Index }
  | { readonly is: 'mutation' }
  | { readonly is: 'welcome'; readonly reset: boolean }
  | Changes
  | {
      readonly is: 'chunk'
      readonly of: Index
      readonly join: number
      readonly rows: Rows
      readonly next: JoinCursor
    }
  | { readonly is: 'catchUp'; readonly of: Index; readonly join: number; readonly rows: Rows }
  | { readonly is: 'joined'; readonly of: Index; readonly join: number; readonly at: Position }
  | { readonly is: 'restart'; readonly of: Index; readonly join: number }
  | { readonly is: 'receipt'; readonly at: Position; readonly settled: number }
  | { readonly is: 'close' }

export interface Changes {
  readonly is: 'changes'
  readonly from: Position | null
  readonly to: Position
  readonly tables: Tables
  readonly more: boolean
  readonly live: boolean
  /** The receipt of the client's mutation, as the id of its write (a ghost too); 0 where it wrote nothing. */
  readonly settled: number | null
}

/** The server's end of the socket. */
export interface Socket {
  /** In the attachment. */
  position: Position
  /** In memory; differs from `position` only where a rule is off. */
  cursor: Position
  /** The table of joined subscriptions: the head when the row was written, or null. A restore takes it back. */
  joined: readonly [number | null, number | null]
  /** In the attachment: which of them there should be. */
  stamp: readonly [boolean, boolean]
  /** Only where joins do not end in one turn: the join whose catch-up went out without its end. */
  ending: { readonly of: Index; readonly join: number } | null
}

export interface Subscription {
  state: 'off' | 'joining' | 'joined'
  rows: Cells
  /** The position the rows are good for while not joined; null is unclaimed. */
  since: Position | null
  stage: Cells | null
  join: number
  /** Only where a drop keeps the stage. */
  cursor: JoinCursor | null
}

export interface Client {
  phase: 'down' | 'hello' | 'resuming' | 'live'
  position: Position | null
  /** The staged rows of a flush that is not complete. */
  staged: Tables
  nextJoin: number
  /** The one mutation of this client: confirmed ones are held while their collection is joining. */
  write: 'none' | 'pending' | 'held'
  /** While it is held: the id of its write. */
  confirmed: number
  subscriptions: readonly [Subscription, Subscription]
}

export const faults = [
  'write',
  'mutate',
  'drop',
  'evict',
  'compact',
  'prune',
  'restore',
  'wipe',
  'mount',
  'unmount',
  'reload',
] as const
export type Budget = Readonly<Record<(typeof faults)[number], number>>

export interface State {
  history: readonly Change[]
  /** The seqs that the stored log still holds. */
  log: readonly number[]
  prunedThrough: number
  /** The head at the last compaction or pruning: a restore to before it undoes them. */
  housekept: number
  /** The nonce of the living instance. */
  instance: number
  nextId: number
  /** The (cid, n) row of the client's mutation: the head when it was stored. */
  outcome: number | null
  socket: Socket | null
  client: Client
  toClient: readonly Frame[]
  toServer: readonly Frame[]
  /** What an abandoned socket may still deliver to the client; empty while old sockets are dead. */
  late: readonly Frame[]
  /** The mutation was on its way on a socket that the client abandoned, and may still arrive. */
  lateMutation: boolean
  budget: Budget
}

/** What a step assigns to is copied; the rest is shared, and only ever replaced. */
export const clone = (s: State): State => {
  const [a, b] = s.client.subscriptions
  const client = { ...s.client, subscriptions: [{ ...a }, { ...b }] as const }
  return { ...s, socket: s.socket && { ...s.socket }, client }
}
export const replaced = <T>(pair: readonly [T, T], of: Index, value: T): readonly [T, T] =>
  of === 0 ? [value, pair[1]] : [pair[0], value]

/** One server, one browser with two tabs that share a store for each user, and any number of other writers. */

export type User = 0 | 1
export type TabIndex = 0 | 1
export const tabs: readonly TabIndex[] = [0, 1]
export const otherTab = (i: TabIndex): TabIndex => (i === 0 ? 1 : 0)
export const users: readonly User[] = [0, 1]

/** There are two rows. A row is known by the write that made it what it is; 0 is no row. */
export type Key = 0 | 1
export const keys: readonly Key[] = [0, 1]
export type Rows = readonly [number, number]
/** What a frame says of the rows: -1 is nothing. */
export type Delta = Rows
export const noRows: Rows = [0, 0]

/** 100 × era + seq; 0 is before everything. No two histories give one position to different writes. */
export type Position = number

/** `elsewhere`: another tab has told it. */
export type End = 'confirmed' | 'rejected' | 'unknown' | 'not stored' | 'discarded' | 'elsewhere'

/** What is true of write i + 1, for the properties; the protocol may not read it, but for its key and what the server will say. */
export interface Write {
  readonly user: User
  readonly key: Key
  readonly rejects: boolean
  /** Its place among the writes that were stored; 0 is not yet. */
  readonly stored: number
  /** What the app was told first. */
  readonly told: End | null
  /** It was executed in some history. */
  readonly ran: boolean
  /** A power loss took it from the store. */
  readonly powerLost: boolean
  /** A restore took its execution back. */
  readonly takenBack: boolean
  /** The writes of the browser that its page showed as pending when it was made: it may depend on them. */
  readonly after: readonly number[]
  /** Of another client, for which nothing but `key` counts. */
  readonly other: boolean
}

// The server

/** One committed transaction. All that the server knows is in these, so a restore is a shorter list. */
export interface Decision {
  readonly is: 'executed' | 'rejected' | 'skipped' | 'retired' | 'seen' | 'swept'
  /** 0 for what other clients write. */
  readonly cid: number
  readonly n: number
  readonly write: number
  /** The position that it made, 0 if it changed no row. */
  readonly at: Position
  readonly by: User
}
export interface Server {
  readonly journal: readonly Decision[]
  readonly era: number
  /** 0, and 1 once ninety days have passed. */
  readonly day: number
}

export type Up =
  | { readonly is: 'hello'; readonly at: Position; readonly cids: readonly number[] }
  /** For a tab that mounts at the leader: under its own position. */
  | { readonly is: 'join'; readonly link: number; readonly since: Position }
  | {
      readonly is: 'push'
      readonly cid: number
      readonly n: number
      /** 0 is a skip. */
      readonly write: number
      /** The first on this socket under this client id: an `open` goes before it. */
      readonly open: boolean
    }
  | { readonly is: 'seen'; readonly cid: number; readonly n: number }
  | { readonly is: 'retire'; readonly cid: number }

export interface Verdict {
  readonly cid: number
  readonly is: 'known' | 'unknown' | 'retired'
  readonly last: number
}
export interface Receipt {
  readonly cid: number
  readonly n: number
  readonly as: 'executed' | 'rejected' | 'skipped'
}
export type Down =
  | {
      readonly is: 'welcome'
      readonly by: User
      readonly reset: boolean
      readonly to: Position
      readonly rows: Delta
      readonly verdicts: readonly Verdict[]
      /** Rejections that the server keeps. */
      readonly settled: readonly Receipt[]
    }
  | {
      readonly is: 'changes'
      readonly from: Position
      readonly to: Position
      readonly rows: Delta
      readonly settled: readonly Receipt[]
    }
  | {
      readonly is: 'joined'
      readonly link: number
      readonly since: Position
      readonly replace: boolean
      readonly at: Position
      readonly rows: Delta
    }
  | { readonly is: 'refused'; readonly cid: number }
  | { readonly is: 'close' }

/** Both ends of a socket, and what is on its way. */
export interface Socket {
  readonly tab: TabIndex
  readonly by: User
  /** The client's end. Without it, what was sent may still arrive, and nobody hears the answer. */
  readonly held: boolean
  /** The server's end: `hello` awaits the first frame, `gone` is closed. */
  readonly at: Position | 'hello' | 'gone'
  readonly owns: readonly number[]
  readonly up: readonly Up[]
  readonly down: readonly Down[]
}

// The browser

/** A write in the outbox. Client id and number are given by the page that writes, once. */
export interface Stored {
  readonly write: number
  readonly cid: number
  readonly n: number
  /** 0: not sent. Else it may have been sent, from the day `mark - 1` on. */
  readonly mark: number
  /** Taken back: it goes as a skip. */
  readonly skip: boolean
}
/** A log record: it leads from one position to another, and it follows from the two what it says. */
export interface LogStep {
  readonly from: Position
  readonly to: Position
  readonly rows: Delta
}
export interface Store {
  /** The segments: which generation they are, and the rows at a position. */
  readonly gen: number
  readonly position: Position
  readonly rows: Rows
  /** In the order of their keys. Folded into the segments where the scenario leaves no way to tell the difference. */
  readonly log: readonly LogStep[]
  /** In the order in which they were stored. */
  readonly outbox: readonly Stored[]
  /** Only where numbers are of the browser: the last number given. */
  readonly counter: number
  /** Only where recency is of the room: 1 + the day of the last welcome. */
  readonly contact: number
}

/** A write as a page knows it: it is shown over the rows, unless it was taken back. */
export interface Entry extends Stored {
  /** Its own page still waits for the store. */
  readonly stored: boolean
  /** On the current socket. */
  readonly sent: boolean
}

/** A pass that was applied. */
export interface Frame {
  /** The rows are whole: those of another history go. */
  readonly replace: boolean
  readonly from: Position
  readonly to: Position
  readonly rows: Delta
  readonly ends: readonly Ending[]
}
/** What a leader tells the tab that has mounted at it, under the number of that mount. A hole is a message that was lost, noticed at the next. */
export type Relayed =
  | { readonly is: 'commit'; readonly link: number; readonly frame: Frame }
  | {
      readonly is: 'joined'
      readonly link: number
      readonly frame: Frame
      /** The writes that the leader holds pending, and those of the tab that have ended. */
      readonly pending: readonly Stored[]
      readonly ended: readonly number[]
    }
  | { readonly is: 'hole'; readonly link: number }
export interface Ending {
  readonly write: number
  readonly cid: number
  readonly n: number
  readonly end: End
}

/** A page session in a tab. */
export interface Page {
  /** `loading` only where rows and outbox are read one after the other. */
  readonly is: 'closed' | 'loading' | 'open' | 'frozen' | 'signed out'
  readonly user: User
  /** Names the session. */
  readonly session: number
  /** What it writes under. */
  readonly cid: number
  readonly next: number
  readonly position: Position
  readonly rows: Rows
  readonly entries: readonly Entry[]
  /** Ended here, and still in the store: not to be taken up again. */
  readonly done: readonly number[]
  /** Pending here, and no longer in the store when the hello was made: ended by another tab. */
  readonly gone: readonly number[]
  /** Applied, and not known to be stored. */
  readonly frames: readonly Frame[]
  /** Only where a flush takes two transactions: what the second one has to store. */
  readonly half: readonly Frame[]
  /** It believes so. */
  readonly leads: boolean
  readonly socket: 'none' | 'hello' | 'live'
  /** For each client id declared on the socket, the next number to send. */
  readonly expects: readonly (readonly [cid: number, n: number])[]
  /** As the leader: who has mounted here, and from where. */
  readonly serves: { readonly link: number; readonly since: Position; readonly joined: boolean } | null
  /** As a follower: the number of its last mount, and what it was relayed. */
  readonly link: number
  readonly inbox: readonly Relayed[]
  /** Rejections whose outcome the server may forget. */
  readonly seen: readonly Receipt[]
  /** Client ids of which it has deleted a write. */
  readonly emptied: readonly number[]
  /** While it compacts: what it has read. */
  readonly copy: Pick<Store, 'gen' | 'position' | 'rows'> | null
}
export const closed: Page = {
  is: 'closed',
  user: 0,
  session: 0,
  cid: 0,
  next: 0,
  position: 0,
  rows: noRows,
  entries: [],
  done: [],
  gone: [],
  frames: [],
  half: [],
  leads: false,
  socket: 'none',
  expects: [],
  serves: null,
  link: 0,
  inbox: [],
  seen: [],
  emptied: [],
  copy: null,
}

export const faults = [
  'crash',
  'drop',
  'freeze',
  'open',
  'power loss',
  'restore',
  'ninety days',
  'discard',
  'put fails',
  'other writes',
  'relay lost',
  'compact',
  'sign in',
  'logout',
] as const
export type Fault = (typeof faults)[number]

export interface State {
  server: Server
  sockets: readonly Socket[]
  stores: readonly [Store, Store]
  /** What the store of user 0 was before each transaction that is not on the disk yet; kept only where power can be lost. */
  unsynced: readonly Store[]
  pages: readonly [Page, Page]
  /** Who holds the leader's Web Lock of each user's store. */
  locks: readonly [TabIndex | null, TabIndex | null]
  sessions: number
  signedIn: User
  /** User 0 has logged out: nothing of theirs is to stay. */
  loggedOut: boolean
  writes: readonly Write[]
  /** All executions ever, in order, of other writers too. */
  executed: readonly number[]
  budget: Readonly<Record<Fault, number>>
}

import type { StorageStatus } from '../client/storage-status.ts'
import type { WriteResult } from '../outbox/write-result.ts'
import type { ConnectionStatus } from '../status/connection-status.ts'
import type { TabRole } from '../tabs/tabs.ts'
import type { ClientFrame, ServerFrame } from '../wire/index.ts'

/** Which client an event is of: one object for each client, so that two clients of one room can be told apart. */
export interface ObservedClient {
  /** The `url` or `endpoint` of `createSync`, or the origin of the transport's address; empty where that is not known. */
  readonly endpoint: string
  /** The name of the room, or the path of the transport's address; empty where that is not known. */
  readonly room: string
}

interface Stamped {
  /** Milliseconds since 1970, by the clock of this device. */
  readonly at: number
  readonly client: ObservedClient
}

/** `client.status` has changed. */
export interface StatusEvent extends Stamped {
  readonly type: 'status'
  readonly status: ConnectionStatus
}

/** The connection went from one state to another; in finer steps than the status, and with what made it. Only in the tab with the socket. */
export interface SessionMoved extends Stamped {
  readonly type: 'session'
  readonly from: string
  readonly to: string
  /** What happened: `opened`, `welcomed`, `ended`, … */
  readonly by: string
  /** The number of the newest socket. */
  readonly socket: number
}

/** A frame that was handed to the socket, or came from it. Only in the tab with the socket. Pings are no frames. */
export interface FrameEvent extends Stamped {
  readonly type: 'frame'
  readonly way: 'in' | 'out'
  /** What kind of frame; `invalid` for a message that is none. */
  readonly frame: ClientFrame['type'] | ServerFrame['type'] | 'invalid'
  /** Of the text, in UTF-16 units: bytes, as long as it is ASCII. */
  readonly length: number
  /** JSON, as it was on the network. Null for `auth`, which holds credentials. */
  readonly text: string | null
  readonly socket: number
}

/** Where the rows of this client are has changed: a sequence number, then the history that it is of. Null when that starts over. */
export interface PositionEvent extends Stamped {
  readonly type: 'position'
  readonly position: string | null
}

/**
 * joined   its rows are there, and live. `rows` is how many the join has brought.
 * left     nobody wants it any more.
 * reset    it has to join again; the rows that it shows stay until it has.
 * refused  the server does not serve it; `code` says why.
 *
 * In the tab with the socket, also for the subscriptions of the others.
 */
export interface SubscriptionMoved extends Stamped {
  readonly type: 'subscription'
  readonly is: 'joined' | 'left' | 'reset' | 'refused'
  readonly sub: number
  /** The table. */
  readonly collection: string
  readonly rows: number
  readonly code?: string
}

/**
 * queued   it has its number, and is handed to the storage.
 * stored   it is kept: on this device, or in memory without a storage.
 * sent     it was handed to the socket, perhaps not for the first time.
 *
 * The others are how it ended: `confirmed`; `rejected` by the server; `invalid`, it would not have been accepted; `unsent`, this client does not
 * send it; `unknown`, it may have happened; `withdrawn` by the application. Once at most.
 */
export interface WriteEvent extends Stamped {
  readonly type: 'write'
  readonly is: 'queued' | 'stored' | 'sent' | WriteResult['is']
  /** As in `pendingWrites` and `failedWrites`. */
  readonly id: string
  /** Under which the server knows it: the client id, and the number in it. Null for a write that was never numbered. */
  readonly cid: string | null
  readonly n: number | null
  /** What it does, for people: `insert todos a`; null where it was refused at once. */
  readonly what: string | null
  readonly code?: string
}

/** `client.tab` has changed. */
export interface TabEvent extends Stamped {
  readonly type: 'tab'
  readonly role: TabRole
}

/** `client.storage` has changed. */
export interface StorageEvent extends Stamped {
  readonly type: 'storage'
  readonly status: StorageStatus
}

/** What a client did, or what happened to it. It may gain members: ignore unknown ones. */
export type SyncEvent =
  | StatusEvent
  | SessionMoved
  | FrameEvent
  | PositionEvent
  | SubscriptionMoved
  | WriteEvent
  | TabEvent
  | StorageEvent

/** Hears what clients do, as it happens. It is called in the middle of things, so it must be quick, and must not use the client. */
export type SyncObserver = (event: SyncEvent) => void

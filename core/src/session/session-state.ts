import type { AuthError, ConnectionError, ProtocolError, SyncError } from '../errors.ts'
import type { SocketEnd } from '../transport/transport.ts'
import type { WelcomeFrame } from '../wire/index.ts'
import type { SessionTimings } from './session-timings.ts'

/**
 * The session: one conversation with a Durable Object, over however many sockets it takes.
 *
 * idle       nobody needs the server. No socket, no timers.
 * dialling   the transport makes a socket: address, credentials, upgrade.
 * probing    the very first upgrade failed; a plain request looks for the reason, which browsers hide.
 * greeting   the socket is open, hello was sent, welcome is awaited.
 * live       welcomed. The layers above may send.
 * waiting    the next attempt is scheduled.
 * parked     the page is in the back/forward cache or frozen. No socket: the server would go on sending to it. Ends by itself.
 * needsAuth  the application must provide credentials. No retries until `resume`.
 * failed     retrying cannot help. No retries until `resume`.
 * closed     for good.
 *
 * Law: in every state but idle, parked, needsAuth, failed and closed some deadline is running that leads on
 * (`session-deadlines.ts`), so that nothing hangs for ever, whatever the transport does.
 */
interface Fields {
  readonly idle: unknown
  readonly dialling: { readonly giveUpAt: number }
  readonly probing: { readonly giveUpAt: number; readonly cause: ConnectionError }
  readonly greeting: { readonly giveUpAt: number }
  /** `stableAt` is null once the session has been live for long enough to forget earlier failures. */
  readonly live: { readonly since: number; readonly stableAt: number | null }
  /** `hold`: it was due, but the platform says that it is offline; the next time it is due it dials anyway, `onLine` lies. */
  readonly waiting: { readonly dueAt: number; readonly hold: 'none' | 'offline' }
  readonly parked: unknown
  readonly needsAuth: { readonly cause: AuthError }
  readonly failed: { readonly cause: SyncError }
  readonly closed: unknown
}
export type StateName = keyof Fields
export type In<S extends StateName> = S extends S
  ? { readonly is: S; readonly memory: Memory } & Fields[S]
  : never
export type SessionState = In<StateName>

/** What outlives a state. Times are milliseconds since 1970. */
export interface Memory {
  /** The number of the newest socket. Events of any other socket change nothing. */
  readonly socket: number
  readonly need: { readonly is: 'wanted' } | { readonly is: 'lingering'; readonly until: number }
  /** Failed attempts since the session was last stable. */
  readonly failures: number
  /** Not welcomed yet: nothing proves that the address and the credentials are any good. */
  readonly history: 'new' | 'welcomed'
  /** `used`: new credentials were fetched because the old ones were refused; the next refusal is final. */
  readonly renewal: 'unused' | 'used'
  readonly probe: 'unused' | 'used'
  /** Over how long the server wants reconnects spread. */
  readonly windowMs: number
  /** When the page last woke up. */
  readonly wokeAt: number | null
  /** When a frame last could not be understood. */
  readonly brokenAt: number | null
  /** Since the connection is missing; null while it is there and before the first failure. */
  readonly outage: Outage | null
  /** Sockets given up one after another because the server left requests unanswered. */
  readonly silences: number
  /** Whom the first welcome took this client for. Rows and pending writes are that user's; null before it. */
  readonly principal: string | null
  /** Credentials handed over by `resume`, for the next socket. */
  readonly token: string | undefined
}

export interface Outage {
  readonly cause: SyncError
  /** When it stops being `brief`. */
  readonly overdueAt: number
  readonly is: 'brief' | 'long'
}

export type SessionEvent =
  // the application
  | { readonly type: 'want' | 'unwant' | 'kick' | 'close' }
  | { readonly type: 'resume'; readonly token: string | undefined }
  // deadlines
  | { readonly type: 'lingered' | 'due' | 'timedOut' | 'stabilised' | 'overdue' }
  // the platform
  | { readonly type: 'woke' | 'online' | 'offline' | 'park' | 'unpark' }
  // the transport
  | { readonly type: 'opened'; readonly socket: number }
  | { readonly type: 'ended'; readonly socket: number; readonly end: SocketEnd }
  | { readonly type: 'probed'; readonly socket: number; readonly status: number | undefined }
  // the server
  | { readonly type: 'welcomed'; readonly socket: number; readonly frame: WelcomeFrame }
  | {
      readonly type: 'goodbye'
      readonly socket: number
      readonly code: number
      readonly message: string
      readonly retryAfterMs: number
    }
  | { readonly type: 'refused'; readonly socket: number; readonly cause: ConnectionError | ProtocolError }
  | { readonly type: 'broken'; readonly socket: number; readonly cause: ProtocolError }
  | { readonly type: 'answered'; readonly socket: number }
  // the layers above, and the heartbeat
  | { readonly type: 'redial'; readonly code: number; readonly reason: string }

export type EventOf<T extends SessionEvent['type']> = Extract<SessionEvent, { readonly type: T }>

export type SessionEffect =
  | {
      readonly type: 'open'
      readonly socket: number
      readonly credentials: 'cached' | 'renewed'
      readonly token: string | undefined
    }
  | { readonly type: 'closeSocket'; readonly socket: number; readonly code: number; readonly reason: string }
  | { readonly type: 'probe'; readonly socket: number }
  | { readonly type: 'greet'; readonly socket: number }
  | { readonly type: 'welcome'; readonly frame: WelcomeFrame }
  | { readonly type: 'lose' }
  /** The socket may be dead: find out soon. */
  | { readonly type: 'doubt' }
  | { readonly type: 'authenticate'; readonly token: string }

/** What a step may know of the world. */
export interface StepContext {
  readonly now: number
  /** From 0 to 1, drawn for this step. */
  readonly random: number
  readonly network: 'online' | 'offline'
  readonly timings: SessionTimings
}

export interface SessionStep {
  readonly state: SessionState
  readonly effects: readonly SessionEffect[]
}

export const initialSession = (timings: SessionTimings, principal?: string): SessionState => ({
  is: 'idle',
  memory: {
    socket: 0,
    need: { is: 'wanted' },
    failures: 0,
    history: 'new',
    renewal: 'unused',
    probe: 'unused',
    windowMs: timings.firstWindowMs,
    wokeAt: null,
    brokenAt: null,
    outage: null,
    silences: 0,
    principal: principal ?? null,
    token: undefined,
  },
})

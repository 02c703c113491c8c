import type { PageVisibility, Term } from './tab-message.ts'
import type { TabTimings } from './tab-timings.ts'

/**
 * Leadership: which tab of a room speaks with the server. The lead is a Web Lock.
 *
 * idle       not started.
 * alone      nothing to agree with others by: no locks or no channel. This tab speaks for itself.
 * waiting    stands in the queue for the lock. While the page is visible it watches the leader.
 * insisting  the leader is silent. The request was withdrawn and made anew, which throws a leader out of the back/forward cache: there
 *            Chromium never grants a request that was made before the page went. If that does not help, it steals.
 * stealing   takes the lock by force: the leader is frozen or hangs, or has asked for it.
 * leading    holds the lock, and says so by timer.
 * frozen     the page is frozen. It holds nothing, asks for nothing and hears nothing.
 * cached     the page is in the back/forward cache or gone. As frozen: a message would throw it out.
 * stopped    for good.
 *
 * Laws: at most one request is under way, and none outside waiting, insisting, stealing and leading. Only `leading` acts as leader.
 *
 * What cannot be had: that there is never a second leader. A tab whose lock was stolen while its process slept hears of it when it runs
 * again, and the platform may run other tasks first, such as messages of its socket; asking who holds the lock takes as long as being
 * told. So for some milliseconds after a wake two tabs may believe that they lead. It costs a second socket for that long, and nothing
 * else: followers hear only the term that they are attached to, what is kept on the device may be written by two, and the server takes
 * every write once, whoever sends it.
 */
interface Fields {
  readonly idle: unknown
  readonly alone: unknown
  /** `silentAt`: when a visible page takes the leader for dead. Hidden pages have no say: their timers are late. */
  readonly waiting: { readonly silentAt: number | null }
  readonly insisting: { readonly stealAt: number }
  readonly stealing: { readonly silentAt: number }
  readonly leading: { readonly term: Term; readonly beatAt: number; readonly stay: Stay }
  readonly frozen: unknown
  readonly cached: unknown
  readonly stopped: unknown
}
export type StateName = keyof Fields
/** `request`: the number of the newest request for the lock. What comes of others changes nothing. */
export type In<S extends StateName> = S extends S
  ? { readonly is: S; readonly request: number } & Fields[S]
  : never
export type LeadershipState = In<StateName>

/**
 * wanted      the leader is visible.
 * tolerated   it is hidden; when this has lasted, a visible tab should lead.
 * overstayed  that time is over, and no tab was visible.
 */
export type Stay =
  | { readonly is: 'wanted' }
  | { readonly is: 'tolerated'; readonly until: number }
  | { readonly is: 'overstayed' }

export type LeadershipEvent =
  // the owner
  | { readonly type: 'start' | 'stop' }
  /** There is no sharing here, or no longer. */
  | { readonly type: 'forgo' }
  // the lock
  | { readonly type: 'granted' | 'lost' | 'failed'; readonly request: number }
  // deadlines
  | { readonly type: 'silent' | 'stealDue' | 'beatDue' | 'overstay' }
  // other tabs
  /** A heartbeat of the leader. */
  | { readonly type: 'heard' }
  /** A heartbeat of a later term than this tab's own; or another tab is fitter to lead. */
  | { readonly type: 'outranked' }
  /** The leader asks this tab to lead. */
  | { readonly type: 'invited' }
  /** A follower is visible. */
  | { readonly type: 'heirShown' }
  // the page
  | { readonly type: 'shown' | 'hid' | 'froze' | 'thawed' | 'left' | 'returned' }

export type EventOf<T extends LeadershipEvent['type']> = Extract<LeadershipEvent, { readonly type: T }>

export type LeadershipEffect =
  | { readonly type: 'request'; readonly request: number; readonly how: 'queue' | 'steal' }
  /** Withdraws the request, or gives the lock back. */
  | { readonly type: 'release'; readonly request: number }
  | { readonly type: 'beat' }
  | { readonly type: 'invite'; readonly tab: string }
  /** Nothing more is expected of the leader that this tab follows. */
  | { readonly type: 'forsake' }

/** What a step may know of the world. */
export interface StepContext {
  readonly now: number
  /** From 0 to 1, drawn for this step. */
  readonly random: number
  /** Nobody else has it. */
  readonly freshId: string
  readonly page: PageVisibility
  /** A follower that is visible. */
  readonly heir: string | undefined
  readonly timings: TabTimings
}

export interface LeadershipStep {
  readonly state: LeadershipState
  readonly effects: readonly LeadershipEffect[]
}

export const INITIAL_LEADERSHIP: LeadershipState = { is: 'idle', request: 0 }

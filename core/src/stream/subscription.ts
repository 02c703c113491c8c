import type { Block, Kinds, Place, Position, RefusalCode, SubscriptionSpec } from '../wire/index.ts'

/**
 * One subscription.
 *
 * waiting   not joined, and no join is asked for: the socket is not live. `since` is where its rows are, if that is still known: a hello may
 *           claim that position, or its join asks only for what changed from there.
 * joining   asked with a join number; chunks are staged and nothing of them is visible. It gets no live changes.
 * joined    covered by the position of the stream.
 * refused   the server will not serve it on this socket. The next hello asks again. A failure of the server (`internal`) is asked again
 *           after a while, by a join of its own.
 */
export type SubscriptionPhase =
  | { readonly is: 'waiting'; readonly since: Since | null }
  | {
      readonly is: 'joining'
      readonly join: number
      readonly stage: readonly Block[]
      /** When the server was last asked for more of it, in milliseconds. */
      readonly askedAt: number
      /** Where the rows are that it shows until the join ends. */
      readonly since: Since | null
    }
  | { readonly is: 'joined'; readonly window: JoinedWindow | null }
  | { readonly is: 'refused' }

/** Where the rows of a subscription are that the stream's position does not cover. */
export interface Since {
  readonly position: Position
  /** Of a window: its extent. */
  readonly window: Pick<JoinedWindow, 'boundary' | 'held'> | null
}

/** The extent of a joined window. Law: every row of its filter up to the boundary is held, and no other is one of its rows. */
export interface JoinedWindow {
  /** The place of its last row; null when it holds every row of its filter. */
  readonly boundary: Place | null
  /** Rows held, as far as they were handed on. */
  readonly held: number
  /** The page that is asked for; never more than one. */
  readonly page: { readonly request: number; readonly askedAt: number } | null
}

export interface Subscription {
  readonly id: number
  readonly spec: SubscriptionSpec
  /** Of a window: how many rows are wanted. It is asked for more. */
  readonly limit: number
  readonly phase: SubscriptionPhase
  /** What the last join said about the rows that are shown; null before the first one ended. */
  readonly rows: SubscriptionRows | null
  /** Rows at its position that are not shown yet: its next commit is laid over them. Null when what is shown is there. */
  readonly under: readonly Block[] | null
  /** Why it was refused; kept until it joins, so that the same refusal is told once. */
  readonly refusal: Refusal | null
  /** How often in a row the server failed at it. */
  readonly failures: number
}

export interface SubscriptionRows {
  /** The server's token for the shape of the rows. */
  readonly shape: string
  /** The key column. */
  readonly key: string
  readonly kinds: Kinds
}

export interface Refusal {
  readonly code: RefusalCode | 'client-closed'
  readonly message: string
}

/** Where an unfinished join goes on: at the key after `after`, at the fixed position `p0`. */
export interface JoinCursor {
  readonly p0: Position
  /** Where the rows so far were read last. */
  readonly read: Position
  /** Under which the rows so far were read. */
  readonly shape: string
  readonly after: string
}

export type Subscriptions = ReadonlyMap<number, Subscription>

export const WAITING: SubscriptionPhase = { is: 'waiting', since: null }
export const REFUSED: SubscriptionPhase = { is: 'refused' }

export const replaced = (subs: Subscriptions, sub: Subscription): Subscriptions =>
  new Map(subs).set(sub.id, sub)

/**
 * `subs` on another socket, or on none: every subscription in one of these phases waits again, and no page is awaited. Rows stay visible
 * and are no longer claimed; those under an unfinished join are where they were.
 */
export function demoted(subs: Subscriptions, phases: readonly SubscriptionPhase['is'][]): Subscriptions {
  const next = new Map<number, Subscription>()
  for (const sub of subs.values()) next.set(sub.id, demotedOne(sub, phases))
  return next
}

function demotedOne(sub: Subscription, phases: readonly SubscriptionPhase['is'][]): Subscription {
  const { phase } = sub
  if (phases.includes(phase.is))
    return { ...sub, phase: phase.is === 'joining' ? { is: 'waiting', since: phase.since } : WAITING }
  if (phase.is !== 'joined' || !phase.window?.page) return sub
  return { ...sub, phase: { ...phase, window: { ...phase.window, page: null } } }
}

/** The joining subscription with this join number. Numbers of dropped joins match none. */
export function joiningAs(subs: Subscriptions, join: number): Subscription | undefined {
  for (const sub of subs.values()) if (sub.phase.is === 'joining' && sub.phase.join === join) return sub
  return undefined
}

/** Nothing is known any more of where the rows are. */
export function unplaced(subs: Subscriptions): Subscriptions {
  const next = new Map<number, Subscription>()
  for (const sub of demoted(subs, ['joining', 'joined']).values())
    next.set(sub.id, sub.phase.is === 'waiting' ? { ...sub, phase: WAITING } : sub)
  return next
}

/** Where the rows of a joined subscription are. */
export const placed = ({ phase }: Subscription, position: Position): Since | null =>
  phase.is === 'joined' ? { position, window: phase.window } : null

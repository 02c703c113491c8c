import type { ChangesFrame, Position } from '../wire/index.ts'
import type { HeldFrom, StreamEffect } from './stream-event.ts'
import { placed, type Subscriptions } from './subscription.ts'

/**
 * The client's one stream of changes, over however many sockets it takes.
 *
 * down      no socket, or one that has been given up. Whatever arrives is ignored.
 * greeting  hello is said, welcome is awaited.
 * resuming  welcomed; the pass that answers hello is arriving. Nothing may be sent.
 * live      changes arrive as they happen; joins and leaves may be sent.
 * closed    for good: rows that are shown stay, and whoever waits for the first ones is told that none will come.
 *
 * Laws. A pass is applied whole, at its last frame, or not at all. Only an applied pass moves the position. The position covers exactly
 * the joined subscriptions. A pass that does not start at the position is a gap: nothing of it is applied.
 *
 * event →    mounted  unmounted  greeted   welcome   changes   chunk next  joined  restart  refused  retry   lost
 * down       add      remove     greeting  ·         ·         ·     ·     ·       ·        ·        ·       ·
 * greeting   add      remove,    greeting  resuming  ·         ·     ·     ·       ·        ·        ·       down
 *                     leave later
 * resuming   add      same       greeting  ·         stage or  ·     ·     ·       demote   refuse   demote  down
 *                                                    apply → live, or gap → down
 * live       join     leave      greeting  ·         same      stage ask   apply   join     refuse   join    down
 *                                                                          or gap  again             again
 *
 * closed     refuse   remove     ·         ·         ·         ·     ·     ·       ·        ·        ·       ·
 *
 * · returns the same object. `closed` leads from every phase to closed.
 *
 * Windows. `resized` notes in every phase how many rows are wanted, and live it cuts or asks for a page. `measured` follows each `apply` that
 * touched a window: live, a window that was cut is told (`narrow`), one that is short asks for a page. A `page` that answers the one that is
 * asked for is applied, live; every other is ignored. Whatever ends a socket ends its pages.
 */
export type StreamPhase = 'down' | 'greeting' | 'resuming' | 'live' | 'closed'

export interface StreamState {
  readonly phase: StreamPhase
  /** Where the joined subscriptions are; null when none has ever joined, or after a reset. */
  readonly position: Position | null
  readonly subs: Subscriptions
  /** The frames of a pass whose last frame has not arrived. */
  readonly pass: readonly ChangesFrame[]
  /** Subscriptions that the server was told of and nobody wants any more; they are left as soon as sending is allowed. */
  readonly leaving: readonly number[]
  /** The number of the next join; never used twice, so that an answer to a dropped join matches nothing. */
  readonly nextJoin: number
  /** The number of the next page. */
  readonly nextPage: number
  /** When the last gap was seen, in milliseconds. */
  readonly gapAt: number | null
  /** When the welcome, or a frame of a join or of a pass in parts, last arrived, in milliseconds. */
  readonly heardAt: number
}

export interface StreamStep {
  readonly state: StreamState
  readonly effects: readonly StreamEffect[]
}

export const STREAM_START: StreamState = {
  phase: 'down',
  position: null,
  subs: new Map(),
  pass: [],
  leaving: [],
  nextJoin: 1,
  nextPage: 1,
  gapAt: null,
  heardAt: 0,
}

/** Collections that are about to get rows by a join: what they show is not yet what a receipt speaks of. */
export function joiningCollections(state: StreamState): ReadonlySet<string> {
  const names = new Set<string>()
  for (const { phase, spec } of state.subs.values()) {
    if (phase.is === 'waiting' || phase.is === 'joining') names.add(spec.collection)
  }
  return names
}

/** Since when the server owes an answer, in milliseconds; null when it owes none. */
export function streamWaitsSince(state: StreamState): number | null {
  if (state.phase === 'resuming') return state.heardAt
  let oldest: number | null = null
  for (const { phase } of state.subs.values()) {
    const asked = phase.is === 'joining' ? phase : phase.is === 'joined' ? phase.window?.page : undefined
    if (asked) oldest = Math.min(oldest ?? asked.askedAt, asked.askedAt)
  }
  // The answers share one socket: while one of them arrives, however long that takes, the others wait behind it.
  return oldest === null ? null : Math.max(oldest, state.heardAt)
}

/** The subscriptions that the position covers. */
export function* joinedSubs({ subs }: StreamState): Generator<number> {
  for (const { id, phase } of subs.values()) if (phase.is === 'joined') yield id
}

/** Where the rows of a subscription are; null when there are none, or when that is not known. */
export function heldOf({ subs, position }: StreamState, id: number): HeldFrom | null {
  const sub = subs.get(id)
  if (!sub?.rows) return null
  const { phase, rows, under } = sub
  const since =
    phase.is === 'joined' && position !== null
      ? placed(sub, position)
      : phase.is === 'waiting' || phase.is === 'joining'
        ? phase.since
        : null
  return since && { since, rows, ...(under ? { under } : {}) }
}

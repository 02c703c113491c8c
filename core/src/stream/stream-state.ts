import type { ChangesFrame, Position } from '../wire/index.ts'
import { chunk, joined, next, refused, restart, startJoin } from './join-steps.ts'
import { pass } from './pass-steps.ts'
import type { StreamEffect, StreamEvent } from './stream-event.ts'
import { demoted, type Subscription, type Subscriptions, WAITING } from './subscription.ts'
import { welcome } from './welcome-steps.ts'

/**
 * The client's one stream of changes, over however many sockets it takes.
 *
 * down      no socket, or one that has been given up. Whatever arrives is ignored.
 * greeting  hello is said, welcome is awaited.
 * resuming  welcomed; the pass that answers hello is arriving. Nothing may be sent.
 * live      changes arrive as they happen; joins and leaves may be sent.
 *
 * Laws. A pass is applied whole, at its last frame, or not at all. Only an applied pass moves the position. The position covers exactly
 * the joined subscriptions. A pass that does not start at the position is a gap: nothing of it is applied.
 *
 * event →    mounted  unmounted  greeted   welcome   changes   chunk next  joined  restart  refused  lost
 * down       add      remove     greeting  ·         ·         ·     ·     ·       ·        ·        ·
 * greeting   add      remove,    greeting  resuming  ·         ·     ·     ·       ·        ·        down
 *                     leave later
 * resuming   add      same       greeting  ·         stage or  ·     ·     ·       demote   refuse   down
 *                                                    apply → live, or gap → down
 * live       join     leave      greeting  ·         same      stage ask   apply   join     refuse   down
 *                                                                          or gap  again
 *
 * · returns the same object.
 */
export type StreamPhase = 'down' | 'greeting' | 'resuming' | 'live'

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
  /** When the last gap was seen, in milliseconds. */
  readonly gapAt: number | null
  /** When the resuming server was last heard, in milliseconds. */
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
  gapAt: null,
  heardAt: 0,
}

type EventOf<T extends StreamEvent['type']> = Extract<StreamEvent, { type: T }>
type Row = { readonly [T in StreamEvent['type']]: (state: StreamState, event: EventOf<T>) => StreamStep }

const ignore = (state: StreamState): StreamStep => ({ state, effects: [] })

const newSubscription = ({ sub, spec }: EventOf<'mounted'>): Subscription => ({
  id: sub,
  spec,
  phase: WAITING,
  rows: null,
  refusal: null,
})

function add(state: StreamState, event: EventOf<'mounted'>): StreamStep {
  const subs = new Map(state.subs).set(event.sub, newSubscription(event))
  return { state: { ...state, subs }, effects: [] }
}

function addAndJoin(state: StreamState, event: EventOf<'mounted'>): StreamStep {
  return startJoin(state, newSubscription(event), event.at)
}

function without(state: StreamState, sub: number): StreamState {
  const subs = new Map(state.subs)
  subs.delete(sub)
  return { ...state, subs }
}

const remove = (state: StreamState, { sub }: EventOf<'unmounted'>): StreamStep => ignore(without(state, sub))

function leaveLater(state: StreamState, { sub }: EventOf<'unmounted'>): StreamStep {
  return ignore({ ...without(state, sub), leaving: [...state.leaving, sub] })
}

function leaveNow(state: StreamState, { sub }: EventOf<'unmounted'>): StreamStep {
  const refusedBefore = state.subs.get(sub)?.phase.is === 'refused'
  return {
    state: without(state, sub),
    effects: refusedBefore ? [] : [{ type: 'send', frame: { type: 'leave', sub } }],
  }
}

/** A new socket asks again for everything that is not joined, also for what the last one refused. */
function greet(state: StreamState): StreamStep {
  const subs = demoted(state.subs, ['joining', 'refused'])
  // A position that covers nothing is no claim, and a hello without one is answered with a start.
  const covers = [...subs.values()].some((sub) => sub.phase.is === 'joined')
  const position = covers ? state.position : null
  return ignore({ ...state, phase: 'greeting', position, subs, pass: [], leaving: [] })
}

/** Joined subscriptions keep the position; what was staged from the socket is void. */
const lose = (state: StreamState): StreamStep =>
  ignore({ ...state, phase: 'down', subs: demoted(state.subs, ['joining']), pass: [], leaving: [] })

const TABLE: { readonly [P in StreamPhase]: Row } = {
  down: {
    mounted: add,
    unmounted: remove,
    greeted: greet,
    welcome: ignore,
    changes: ignore,
    chunk: ignore,
    next: ignore,
    joined: ignore,
    restart: ignore,
    refused: ignore,
    lost: ignore,
  },
  greeting: {
    mounted: add,
    unmounted: leaveLater,
    greeted: greet,
    welcome,
    changes: ignore,
    chunk: ignore,
    next: ignore,
    joined: ignore,
    restart: ignore,
    refused: ignore,
    lost: lose,
  },
  resuming: {
    mounted: add,
    unmounted: leaveLater,
    greeted: greet,
    welcome: ignore,
    changes: pass,
    chunk: ignore,
    next: ignore,
    joined: ignore,
    restart,
    refused,
    lost: lose,
  },
  live: {
    mounted: addAndJoin,
    unmounted: leaveNow,
    greeted: greet,
    welcome: ignore,
    changes: pass,
    chunk,
    next,
    joined,
    restart,
    refused,
    lost: lose,
  },
}

/** The next state and what to do now. An event that changes nothing returns the same state. */
export function streamStep(state: StreamState, event: StreamEvent): StreamStep {
  const cell = TABLE[state.phase][event.type] as (state: StreamState, event: StreamEvent) => StreamStep
  return cell(state, event)
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
    if (phase.is === 'joining') oldest = Math.min(oldest ?? phase.heardAt, phase.heardAt)
  }
  return oldest
}

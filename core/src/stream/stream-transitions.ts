import { claimPosition } from './claim-position.ts'
import { demotedToFit } from './hello-subscriptions.ts'
import { chunk, joined, next, refuse, refused, restart, retry, startJoin } from './join-steps.ts'
import { measured, page, remember, resized } from './page-steps.ts'
import { pass } from './pass-steps.ts'
import type { StreamEvent } from './stream-event.ts'
import type { StreamPhase, StreamState, StreamStep } from './stream-state.ts'
import { demoted, type Refusal, type Subscription } from './subscription.ts'
import { welcome } from './welcome-steps.ts'

type EventOf<T extends StreamEvent['type']> = Extract<StreamEvent, { type: T }>
type Row = { readonly [T in StreamEvent['type']]: (state: StreamState, event: EventOf<T>) => StreamStep }

const ignore = (state: StreamState): StreamStep => ({ state, effects: [] })

const newSubscription = ({ sub, spec, held }: EventOf<'mounted'>): Subscription => ({
  id: sub,
  spec,
  limit: spec.window?.limit ?? 0,
  phase: { is: 'waiting', since: held?.since ?? null },
  rows: held?.rows ?? null,
  under: held?.under ?? null,
  refusal: null,
  failures: 0,
})

function add(state: StreamState, event: EventOf<'mounted'>): StreamStep {
  const subs = new Map(state.subs).set(event.sub, newSubscription(event))
  return { state: { ...state, subs }, effects: [] }
}

function addAndJoin(state: StreamState, event: EventOf<'mounted'>): StreamStep {
  return startJoin(state, newSubscription(event), event.at, event.held?.since)
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

/** Also what was refused: a refused page leaves the window on the server, and to leave what is unknown there is no error. */
function leaveNow(state: StreamState, { sub }: EventOf<'unmounted'>): StreamStep {
  return { state: without(state, sub), effects: [{ type: 'send', frame: { type: 'leave', sub } }] }
}

/** A new socket asks again for everything that is not joined, also for what the last one refused. */
function greet(state: StreamState): StreamStep {
  const claim = claimPosition(state.position, demoted(state.subs, ['joining', 'refused']))
  const subs = claim.position === null ? claim.subs : demotedToFit(claim.subs, claim.position)
  // A position that covers nothing is no claim, and a hello without one is answered with a start.
  const covers = [...subs.values()].some((sub) => sub.phase.is === 'joined')
  const position = covers ? claim.position : null
  return ignore({ ...state, phase: 'greeting', position, subs, pass: [], leaving: [] })
}

/** Joined subscriptions keep the position; what was staged from the socket is void. */
const lose = (state: StreamState): StreamStep =>
  ignore({ ...state, phase: 'down', subs: demoted(state.subs, ['joining']), pass: [], leaving: [] })

const CLIENT_CLOSED: Refusal = { code: 'client-closed', message: 'The client is closed' }

function close(state: StreamState): StreamStep {
  const subs = demoted(state.subs, ['joining'])
  let step = ignore({ ...state, phase: 'closed', subs, pass: [], leaving: [] })
  for (const sub of subs.values()) {
    if (sub.rows !== null) continue
    const { state: next, effects } = refuse(step.state, sub, CLIENT_CLOSED)
    step = { state: next, effects: [...step.effects, ...effects] }
  }
  return step
}

const addRefused = (state: StreamState, event: EventOf<'mounted'>): StreamStep =>
  refuse(state, newSubscription(event), CLIENT_CLOSED)

const TABLE: { readonly [P in StreamPhase]: Row } = {
  down: {
    mounted: add,
    unmounted: remove,
    resized: remember,
    measured,
    greeted: greet,
    welcome: ignore,
    changes: ignore,
    chunk: ignore,
    next: ignore,
    joined: ignore,
    page: ignore,
    restart: ignore,
    refused: ignore,
    retry: ignore,
    lost: ignore,
    closed: close,
  },
  greeting: {
    mounted: add,
    unmounted: leaveLater,
    resized: remember,
    measured,
    greeted: greet,
    welcome,
    changes: ignore,
    chunk: ignore,
    next: ignore,
    joined: ignore,
    page: ignore,
    restart: ignore,
    refused: ignore,
    retry: ignore,
    lost: lose,
    closed: close,
  },
  resuming: {
    mounted: add,
    unmounted: leaveLater,
    resized: remember,
    measured,
    greeted: greet,
    welcome: ignore,
    changes: pass,
    chunk: ignore,
    next: ignore,
    joined: ignore,
    page: ignore,
    restart,
    refused,
    retry,
    lost: lose,
    closed: close,
  },
  live: {
    mounted: addAndJoin,
    unmounted: leaveNow,
    resized: resized,
    measured,
    greeted: greet,
    welcome: ignore,
    changes: pass,
    chunk,
    next,
    joined,
    page,
    restart,
    refused,
    retry,
    lost: lose,
    closed: close,
  },
  closed: {
    mounted: addRefused,
    unmounted: remove,
    resized: remember,
    measured: ignore,
    greeted: ignore,
    welcome: ignore,
    changes: ignore,
    chunk: ignore,
    next: ignore,
    joined: ignore,
    page: ignore,
    restart: ignore,
    refused: ignore,
    retry: ignore,
    lost: ignore,
    closed: ignore,
  },
}

/** The next state and what to do now. An event that changes nothing returns the same state. */
export function streamStep(state: StreamState, event: StreamEvent): StreamStep {
  const cell = TABLE[state.phase][event.type] as (state: StreamState, event: StreamEvent) => StreamStep
  return cell(state, event)
}

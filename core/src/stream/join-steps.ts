import type { JoinFrame, SubscriptionSpec } from '../wire/index.ts'
import { gap } from './gap-step.ts'
import type { StreamEffect, StreamEvent } from './stream-event.ts'
import type { StreamState, StreamStep } from './stream-state.ts'
import {
  JOINED,
  type JoinCursor,
  joiningAs,
  REFUSED,
  type Refusal,
  replaced,
  type Subscription,
  WAITING,
} from './subscription.ts'

type EventOf<T extends StreamEvent['type']> = Extract<StreamEvent, { type: T }>

const RETRY_BASE_MS = 1000
const RETRY_CAP_MS = 30_000

const joinFrame = (sub: number, join: number, spec: SubscriptionSpec, from?: JoinCursor): JoinFrame => ({
  type: 'join',
  sub,
  join,
  ...spec,
  ...from,
})

/** Asks for all rows of `sub`. Rows that it shows stay until the join ends. */
export function startJoin(state: StreamState, sub: Subscription, at: number): StreamStep {
  const join = state.nextJoin
  const subs = replaced(state.subs, { ...sub, phase: { is: 'joining', join, stage: [], askedAt: at } })
  return {
    state: { ...state, subs, nextJoin: join + 1 },
    effects: [{ type: 'send', frame: joinFrame(sub.id, join, sub.spec) }],
  }
}

/** Starts a join for everything that waits for one. */
export function startJoins(state: StreamState, at: number): StreamStep {
  const effects: StreamEffect[] = []
  let current = state
  for (const sub of state.subs.values()) {
    if (sub.phase.is !== 'waiting') continue
    const step = startJoin(current, sub, at)
    current = step.state
    effects.push(...step.effects)
  }
  return { state: current, effects }
}

export function chunk(state: StreamState, { frame, at }: EventOf<'chunk'>): StreamStep {
  const sub = joiningAs(state.subs, frame.join)
  if (sub?.phase.is !== 'joining') return { state, effects: [] }
  const phase = { ...sub.phase, stage: [...sub.phase.stage, frame] }
  return { state: { ...state, subs: replaced(state.subs, { ...sub, phase }), heardAt: at }, effects: [] }
}

export function next(state: StreamState, { frame, at }: EventOf<'next'>): StreamStep {
  const sub = joiningAs(state.subs, frame.join)
  if (sub?.phase.is !== 'joining') return { state, effects: [] }
  const subs = replaced(state.subs, { ...sub, phase: { ...sub.phase, askedAt: at } })
  const ask = joinFrame(sub.id, frame.join, sub.spec, {
    p0: frame.p0,
    read: frame.read,
    after: frame.after,
  })
  return { state: { ...state, subs, heardAt: at }, effects: [{ type: 'send', frame: ask }] }
}

/** The join is complete: everything staged becomes visible at once, and the position covers the subscription from here on. */
export function joined(state: StreamState, { frame, at }: EventOf<'joined'>): StreamStep {
  const sub = joiningAs(state.subs, frame.join)
  if (sub?.phase.is !== 'joining') return { state, effects: [] }
  // Law: a join ends at the socket's position. Joined at any other, it would claim changes that it never saw.
  if (frame.at !== state.position)
    return gap(state, at, `a join ended at ${frame.at}, not at ${state.position}`)
  const { shape, key, kinds } = frame
  const blocks = sub.phase.stage
  const commit = { blocks, key, kinds, as: frame.replace ? 'replace' : 'merge' } as const
  const rows = { shape, key, kinds }
  const subs = replaced(state.subs, { ...sub, phase: JOINED, rows, refusal: null, failures: 0 })
  const effects: StreamEffect[] = [{ type: 'apply', commits: [{ sub: sub.id, commit }] }]
  if (sub.rows === null) effects.push({ type: 'ready', sub: sub.id })
  return { state: { ...state, subs, heardAt: at }, effects }
}

export function restart(state: StreamState, { frame, at }: EventOf<'restart'>): StreamStep {
  const sub = state.subs.get(frame.sub)
  if (!sub || sub.phase.is === 'refused') return { state, effects: [] }
  if (state.phase === 'live') return startJoin(state, sub, at)
  return { state: { ...state, subs: replaced(state.subs, { ...sub, phase: WAITING }) }, effects: [] }
}

/**
 * Takes the subscription off the socket. Only a start that failed is told: rows that are shown stay, and the state says that they are no
 * longer served. The same refusal again, after a reconnect, is not told again.
 */
export function refuse(state: StreamState, sub: Subscription, refusal: Refusal): StreamStep {
  const quiet = sub.rows !== null || sub.refusal?.code === refusal.code
  const failed = refusal.code === 'internal'
  const failures = failed ? sub.failures + 1 : 0
  const subs = replaced(state.subs, { ...sub, phase: REFUSED, refusal, failures })
  const effects: StreamEffect[] = quiet ? [] : [{ type: 'refuse', sub: sub.id, refusal }]
  if (failed) effects.push({ type: 'retry-later', sub: sub.id, ms: retryDelay(failures) })
  return { state: { ...state, subs }, effects }
}

/** Of all refusals only a failure of the server can pass while the socket lives. */
const retryDelay = (failures: number): number => Math.min(RETRY_CAP_MS, RETRY_BASE_MS * 2 ** (failures - 1))

/** Joins afresh what the server failed at, unless something else has become of it meanwhile. */
export function retry(state: StreamState, { sub: id, at }: EventOf<'retry'>): StreamStep {
  const sub = state.subs.get(id)
  if (sub?.phase.is !== 'refused' || sub.refusal?.code !== 'internal') return { state, effects: [] }
  if (state.phase === 'live') return startJoin(state, sub, at)
  return { state: { ...state, subs: replaced(state.subs, { ...sub, phase: WAITING }) }, effects: [] }
}

export function refused(state: StreamState, { frame, at }: EventOf<'refused'>): StreamStep {
  const { code, message } = frame
  if (frame.re === 'join') {
    const sub = joiningAs(state.subs, frame.join)
    if (!sub) return { state, effects: [] }
    if (code === 'position-invalid') return startJoin(state, sub, at)
    return refuse(state, sub, { code, message })
  }
  if (frame.re === 'subscription') {
    const sub = state.subs.get(frame.sub)
    return sub ? refuse(state, sub, { code, message }) : { state, effects: [] }
  }
  return { state, effects: [] }
}

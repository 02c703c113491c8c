import type { JoinFrame, Position } from '../wire/index.ts'
import { gap } from './gap-step.ts'
import { awaitingPage } from './page-steps.ts'
import type { RowCommit } from './row-commit.ts'
import type { StreamEffect, StreamEvent } from './stream-event.ts'
import type { StreamState, StreamStep } from './stream-state.ts'
import {
  type JoinCursor,
  joiningAs,
  REFUSED,
  type Refusal,
  replaced,
  type Since,
  type Subscription,
  WAITING,
} from './subscription.ts'
import { targetSize } from './window-size.ts'

type EventOf<T extends StreamEvent['type']> = Extract<StreamEvent, { type: T }>

const RETRY_BASE_MS = 1000
const RETRY_CAP_MS = 30_000
/** Where a commit without blocks was read: nobody asks. */
const NOWHERE = '' as Position

const joinFrame = (
  { id, spec, limit }: Subscription,
  join: number,
  from?: JoinCursor | SinceCursor,
): JoinFrame => ({
  type: 'join',
  sub: id,
  join,
  ...spec,
  ...(spec.window ? { window: { ...spec.window, limit: targetSize(limit) } } : {}),
  ...from,
})

interface SinceCursor {
  readonly since: Position
  readonly shape: string
}

/** A window has no way to ask what changed since. */
const sinceCursor = ({ spec, rows }: Subscription, since: Since | null): SinceCursor | undefined =>
  since && rows && !spec.window ? { since: since.position, shape: rows.shape } : undefined

/** Asks for the rows of `sub`: for what changed since `since`, if that is known. Rows that it shows stay until the join ends. */
export function startJoin(
  state: StreamState,
  sub: Subscription,
  at: number,
  since: Since | null = null,
): StreamStep {
  const join = state.nextJoin
  const phase = { is: 'joining', join, stage: [], askedAt: at, since } as const
  return {
    state: { ...state, subs: replaced(state.subs, { ...sub, phase }), nextJoin: join + 1 },
    effects: [{ type: 'send', frame: joinFrame(sub, join, sinceCursor(sub, since)) }],
  }
}

/** Starts a join for everything that waits for one. */
export function startJoins(state: StreamState, at: number): StreamStep {
  const effects: StreamEffect[] = []
  let current = state
  for (const sub of state.subs.values()) {
    if (sub.phase.is !== 'waiting') continue
    const step = startJoin(current, sub, at, sub.phase.since)
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
  const ask = joinFrame(sub, frame.join, {
    p0: frame.p0,
    read: frame.read,
    shape: frame.shape,
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
  const boundary = frame.boundary ?? null
  const news = sub.phase.stage
  const under = frame.replace ? null : sub.under
  const commit: RowCommit = {
    blocks: under ? [...under, ...news] : news,
    key,
    kinds,
    as: frame.replace || under ? 'replace' : 'merge',
    at: frame.at,
    window: sub.spec.window ? { boundary, limit: sub.limit } : null,
  }
  const rows = { shape, key, kinds }
  // Nothing is asked for before the rows have been counted: an empty window is not known to be short.
  const window = sub.spec.window ? { boundary, held: sub.limit * 2, page: null } : null
  const phase = { is: 'joined', window } as const
  const subs = replaced(state.subs, { ...sub, phase, rows, under: null, refusal: null, failures: 0 })
  const since = frame.replace ? null : (sub.phase.since?.position ?? null)
  const effects: StreamEffect[] = [
    { type: 'apply', commits: [{ sub: sub.id, commit, news }] },
    { type: 'joined', sub: sub.id, rows, since, commit, news },
  ]
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
 * Takes the subscription off the socket. Rows that are shown stay, and the state says that they are no longer served; rows that may no longer
 * be read go. It is told, because somebody may wait for more rows than are shown; but not the same refusal again, after a reconnect, and
 * not a failure of the server behind rows that are shown: that is asked again.
 */
export function refuse(state: StreamState, sub: Subscription, refusal: Refusal): StreamStep {
  const failed = refusal.code === 'internal'
  const rows = sub.rows === null ? 'none' : 'held'
  const quiet = (failed && rows === 'held') || sub.refusal?.code === refusal.code
  const failures = failed ? sub.failures + 1 : 0
  const subs = replaced(state.subs, { ...sub, phase: REFUSED, refusal, failures })
  const effects: StreamEffect[] = quiet ? [] : [{ type: 'refuse', sub: sub.id, refusal, rows }]
  const commit = refusal.code === 'read-denied' ? emptied(state, sub) : null
  if (commit)
    effects.push(
      { type: 'apply', commits: [{ sub: sub.id, commit, news: [] }] },
      { type: 'emptied', sub: sub.id },
    )
  if (failed) effects.push({ type: 'retry-later', sub: sub.id, ms: retryDelay(failures) })
  return { state: { ...state, subs }, effects }
}

function emptied({ position }: StreamState, { rows, spec }: Subscription): RowCommit | null {
  if (!rows) return null
  const { key, kinds } = rows
  const window = spec.window ? { boundary: null, limit: 0 } : null
  return { blocks: [], key, kinds, as: 'replace', at: position ?? NOWHERE, window }
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
  if (frame.re === 'page') {
    const sub = awaitingPage(state, frame.request)
    if (!sub) return { state, effects: [] }
    // The server and this client disagree about the window. A join settles that; what fails again and again is asked ever more rarely.
    return code === 'internal' ? refuse(state, sub, { code, message }) : startJoin(state, sub, at)
  }
  return { state, effects: [] }
}

import {
  type ChangesFrame,
  DEFAULT_LIMITS,
  type JoinedFrame,
  type Place,
  type Position,
  type SubscriptionVerdict,
  type WelcomeFrame,
} from '../../wire/index.ts'
import type { HeldFrom, StreamEffect, StreamEvent } from '../stream-event.ts'
import { STREAM_START, type StreamState, type StreamStep } from '../stream-state.ts'
import { streamStep } from '../stream-transitions.ts'

export const at = (seq: number) => `${seq}.a.room` as Position

export const welcomeFrame = (subs: SubscriptionVerdict[] = [], reset?: 'lineage'): WelcomeFrame => ({
  type: 'welcome',
  v: 1,
  object: 'room',
  principal: 'me',
  now: 0,
  reconnectWindowMs: 0,
  cids: [],
  subs,
  limits: DEFAULT_LIMITS,
  ...(reset ? { reset } : {}),
})
export const changesFrame = (
  from: Position | null,
  to: Position,
  extra: Partial<ChangesFrame> = {},
): ChangesFrame => ({
  type: 'changes',
  from,
  to,
  tables: {},
  ...extra,
})
export const joinedFrame = (join: number, position: Position): JoinedFrame => ({
  type: 'joined',
  join,
  at: position,
  replace: true,
  shape: 's1',
  key: 'id',
  kinds: {},
})
export const todos = (...ids: string[]) => ({ todos: { cols: ['id'], up: ids.map((id) => [id]), del: [] } })

export const mounted = (sub: number, collection = 'todos', held: HeldFrom | null = null): StreamEvent => ({
  type: 'mounted',
  sub,
  spec: { collection },
  held,
  at: 0,
})
export const changes = (frame: ChangesFrame, time = 0): StreamEvent => ({ type: 'changes', frame, at: time })
export const welcome = (subs: SubscriptionVerdict[] = [], reset?: 'lineage'): StreamEvent => ({
  type: 'welcome',
  frame: welcomeFrame(subs, reset),
  at: 0,
})
export const joined = (join: number, position: Position): StreamEvent => ({
  type: 'joined',
  frame: joinedFrame(join, position),
  at: 0,
})
/** A window of the first rows by votes. */
export const window = (sub: number, limit: number): StreamEvent => ({
  type: 'mounted',
  sub,
  spec: {
    collection: 'board',
    window: { order: [{ column: 'votes', descending: false, nulls: 'first', text: 'binary' }], limit },
  },
  held: null,
  at: 0,
})
export const joinedWindow = (join: number, position: Position, boundary: Place | null): StreamEvent => ({
  type: 'joined',
  frame: { ...joinedFrame(join, position), boundary },
  at: 0,
})
export const pageAnswer = (request: number, boundary: Place | null, ...ids: string[]): StreamEvent => ({
  type: 'page',
  frame: { type: 'page', request, cols: ['id'], up: ids.map((id) => [id]), del: [], boundary },
  at: 0,
})
export const measured = (sub: number, held: number, cut: Place | null = null): StreamEvent => ({
  type: 'measured',
  sub,
  measure: { held, cut },
  at: 0,
})
export const GREETED: StreamEvent = { type: 'greeted' }
export const LOST: StreamEvent = { type: 'lost' }
export const LIVE_AT_1 = changes(changesFrame(null, at(1), { live: true }))
export const resume1: SubscriptionVerdict = { id: 1, is: 'resume' }

const KEPT: readonly StreamEffect['type'][] = ['passed', 'joined', 'extended', 'emptied']
/** What is said to whoever keeps rows beyond the page. */
export const keptOf = (effects: readonly StreamEffect[]) => effects.filter(({ type }) => KEPT.includes(type))

/** One step, without what is said to whoever keeps rows. */
export function shownStep(state: StreamState, event: StreamEvent): StreamStep {
  const step = streamStep(state, event)
  return { ...step, effects: step.effects.filter(({ type }) => !KEPT.includes(type)) }
}

/** Runs the events and returns the state with the effects of the last one. */
export function runAll(...events: StreamEvent[]): StreamStep {
  let step: StreamStep = { state: STREAM_START, effects: [] }
  for (const event of events) step = streamStep(step.state, event)
  return step
}

export function run(...events: StreamEvent[]): StreamStep {
  const { state, effects } = runAll(...events)
  return { state, effects: effects.filter(({ type }) => !KEPT.includes(type)) }
}

export const JOINED_AT_1 = [mounted(1), GREETED, welcome(), LIVE_AT_1, joined(1, at(1))]
export const phaseOf = (state: StreamState, sub: number) => state.subs.get(sub)?.phase.is
export const typesOf = (effects: readonly StreamEffect[]) => effects.map(({ type }) => type)
export const LIVE_AT_1_FROM_1 = changes(changesFrame(at(1), at(1), { live: true }))

import {
  type CidVerdict,
  DEFAULT_LIMITS,
  type Outcome,
  type PushFrame,
  type WelcomeFrame,
} from '../../wire/index.ts'
import type { OutboxEffect, OutboxEvent, PushRefusal } from '../outbox-event.ts'
import { type OutboxState, outboxStart, outboxStep } from '../outbox-state.ts'

export interface WelcomeSays {
  readonly verdict?: Pick<CidVerdict, 'is' | 'last'>
  readonly reset?: 'lineage' | 'pruned'
  readonly now?: number
  readonly frameBytes?: number
}

export const welcome = ({ verdict, reset, now = 0, frameBytes = 1000 }: WelcomeSays = {}): OutboxEvent => {
  const frame: WelcomeFrame = {
    type: 'welcome',
    v: 1,
    object: 'room',
    principal: 'me',
    now,
    reconnectWindowMs: 0,
    cids: verdict ? [{ cid: 'c1', ...verdict }] : [],
    subs: [],
    limits: { ...DEFAULT_LIMITS, frameBytes },
    ...(reset ? { reset } : {}),
  }
  return { type: 'welcome', frame, at: now }
}
export const insert = (collection: string) => ({ collection, type: 'insert', key: 'k', cols: {} }) as const
export const enqueued = (id: string, collection = 'todos', bytes = 10): OutboxEvent => ({
  type: 'enqueued',
  id,
  work: { do: 'mutate', ops: [insert(collection)] },
  bytes,
  at: 0,
})
export const called = (id: string): OutboxEvent => ({
  type: 'enqueued',
  id,
  work: { do: 'call', name: 'clear', args: null },
  bytes: 10,
  at: 0,
})
export const stored = (id: string): OutboxEvent => ({ type: 'stored', id })
/** Writes that the storage has kept. */
export const written = (...ids: string[]): OutboxEvent[] => ids.flatMap((id) => [enqueued(id), stored(id)])
export const receipt = (n: number, outcome: Outcome = { is: 'committed' }): OutboxEvent => ({
  type: 'receipts',
  receipts: [{ cid: 'c1', n, outcome }],
  at: 50,
})
export const refused = (code: PushRefusal['code'], n: number, expected?: number): OutboxEvent => ({
  type: 'refused',
  frame: { type: 'refused', re: 'push', cid: 'c1', n, code, message: '', ...(expected ? { expected } : {}) },
  fresh: 'c2',
})
export const joining = (...collections: string[]): OutboxEvent => ({
  type: 'joining',
  collections: new Set(collections),
})
export const LIVE: OutboxEvent = { type: 'live', fresh: 'c2', at: 0 }
export const FLUSH: OutboxEvent = { type: 'flush', at: 0 }
export const LOST: OutboxEvent = { type: 'lost', at: 0 }
export const CLOSED: OutboxEvent = { type: 'closed' }
export const UP = [welcome(), LIVE]

export interface Run {
  readonly state: OutboxState
  /** Of the last event. */
  readonly effects: readonly OutboxEffect[]
  /** Of all events. */
  readonly all: readonly OutboxEffect[]
}

export function run(...events: OutboxEvent[]): Run {
  let state = outboxStart('c1', { frameBytes: 1000, opsPerMutation: 2, cidsPerHello: 3 })
  const all: OutboxEffect[] = []
  let effects: readonly OutboxEffect[] = []
  for (const event of events) {
    const step = outboxStep(state, event)
    state = step.state
    effects = step.effects
    all.push(...effects)
  }
  return { state, effects, all }
}

export const typesOf = (effects: readonly OutboxEffect[]) => effects.map(({ type }) => type)
export const settledOf = (effects: readonly OutboxEffect[]) =>
  effects.flatMap((effect) => (effect.type === 'settle' ? [[effect.id, effect.result]] : []))
export const pushesOf = (effects: readonly OutboxEffect[]): PushFrame[] =>
  effects.flatMap((effect) => (effect.type === 'send' && effect.frame.type === 'push' ? [effect.frame] : []))
export const numbersOf = (effects: readonly OutboxEffect[]) =>
  pushesOf(effects).map(({ items }) =>
    items.map(({ cid, n, again }) => `${cid} ${n}${again ? ' again' : ''}`),
  )
export const sentTypes = (effects: readonly OutboxEffect[]) =>
  effects.flatMap((effect) => (effect.type === 'send' ? [effect.frame.type] : []))

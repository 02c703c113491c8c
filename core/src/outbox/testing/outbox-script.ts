import {
  type CidVerdict,
  DEFAULT_LIMITS,
  type Outcome,
  type PushFrame,
  type WelcomeFrame,
} from '../../wire/index.ts'
import { type Draft, type Entry, QUEUED, type Work } from '../entry.ts'
import type { OutboxEffect, OutboxEvent, PushRefusal } from '../outbox-event.ts'
import { type OutboxState, outboxStart } from '../outbox-state.ts'
import { outboxStep } from '../outbox-transitions.ts'

export const LIMITS = { frameBytes: 1000, itemsPerPush: 100, opsPerMutation: 2, cidsPerHello: 3 }

export interface WelcomeSays {
  /** Of the client id c1. */
  readonly verdict?: Pick<CidVerdict, 'is' | 'last'>
  /** Of others: the last number, or that it is unknown. */
  readonly cids?: Readonly<Record<string, number | null | Pick<CidVerdict, 'is' | 'last'>>>
  readonly reset?: 'lineage' | 'pruned'
  readonly now?: number
  readonly frameBytes?: number
  /** Null: the server says nothing of it. */
  readonly itemsPerPush?: number | null
}

const verdictOf = (said: number | null | Pick<CidVerdict, 'is' | 'last'>): Pick<CidVerdict, 'is' | 'last'> =>
  typeof said === 'number' ? { is: 'known', last: said } : (said ?? { is: 'unknown', last: 0 })

export const welcomeFrame = (says: WelcomeSays = {}): WelcomeFrame => {
  const { verdict, cids = {}, reset, now = 0, frameBytes, itemsPerPush } = { ...LIMITS, ...says }
  const { itemsPerPush: _, ...limits } = { ...DEFAULT_LIMITS, ...LIMITS, frameBytes }
  const verdicts = Object.entries(cids).map(([cid, said]) => ({ cid, ...verdictOf(said) }))
  return {
    type: 'welcome',
    v: 1,
    object: 'room',
    principal: 'me',
    now,
    reconnectWindowMs: 0,
    cids: verdict ? [{ cid: 'c1', ...verdict }, ...verdicts] : verdicts,
    subs: [],
    limits: itemsPerPush === null ? limits : { ...limits, itemsPerPush },
    ...(reset ? { reset } : {}),
  }
}
export const welcome = (says: WelcomeSays = {}): OutboxEvent => ({
  type: 'welcome',
  frame: welcomeFrame(says),
  at: says.now ?? 0,
})

export const insert = (collection: string) => ({ collection, type: 'insert', key: 'k', cols: {} }) as const
const mutate = (collection: string): Work => ({ do: 'mutate', ops: [insert(collection)] })
export const draft = (id: string, rest: Partial<Draft> = {}): Draft => ({
  id,
  work: mutate('todos'),
  before: undefined,
  bytes: 10,
  queuedAt: 0,
  replaces: null,
  ...rest,
})

/** The place of a write that the storage has kept: writes of one letter are in the order of the alphabet. */
export const place = (id: string): number => id.charCodeAt(0)
/** `online`: the mark goes in with the write. */
export const enqueued = (ids: readonly (string | Draft)[], link: 'online' | 'offline' = 'online') =>
  ({
    type: 'enqueued',
    drafts: ids.map((id) => (typeof id === 'string' ? draft(id) : id)),
    fresh: 'c1',
    willSend: link === 'online',
  }) satisfies OutboxEvent
export const stored = (...ids: string[]): OutboxEvent => ({
  type: 'stored',
  ords: new Map(ids.map((id) => [id, place(id)])),
  fresh: 'c1',
  willSend: true,
})
export const unstored = (fresh: string): OutboxEvent => ({
  type: 'unstored',
  message: 'full',
  fresh,
  willSend: true,
})
/** Writes that the storage has kept, with their marks. */
export const written = (...ids: string[]): OutboxEvent[] => [enqueued(ids), stored(...ids)]
/** Writes that the storage has kept, without. */
export const writtenOffline = (...ids: string[]): OutboxEvent[] => [enqueued(ids, 'offline'), stored(...ids)]
export const calling = (id: string): Draft => draft(id, { work: { do: 'call', name: 'clear', args: null } })

/** A write of another page: `c2 3` is number 3 of the client id c2. */
export const other = (id: string, numbered: string, rest: Partial<Entry> = {}): Entry => {
  const [cid = '', n = ''] = numbered.split(' ')
  return {
    ...draft(id),
    number: { cid, n: Number(n) },
    ord: place(id),
    mark: 'none',
    tried: 'never',
    carriedAt: null,
    stage: QUEUED,
    ...rest,
  }
}
/** What another page has marked as sent. */
export const marked: Partial<Entry> = { mark: 'kept', tried: 'before', carriedAt: 0 }
export const adopted = (...entries: Entry[]): OutboxEvent => ({ type: 'adopted', entries })

export const markKept = (id: string, numbered: string): OutboxEvent => ({
  type: 'marked',
  marks: [{ id, ...other(id, numbered).number }],
})
export const receipt = (n: number, outcome: Outcome = { is: 'committed' }, cid = 'c1'): OutboxEvent => ({
  type: 'receipts',
  receipts: [{ cid, n, outcome }],
  at: 50,
})
export const refused = (
  code: PushRefusal['code'],
  n: number,
  expected?: number,
  cid = 'c1',
): OutboxEvent => ({
  type: 'refused',
  frame: { type: 'refused', re: 'push', cid, n, code, message: '', ...(expected ? { expected } : {}) },
})
export const joining = (...collections: string[]): OutboxEvent => ({
  type: 'joining',
  collections: new Set(collections),
})
export const LIVE: OutboxEvent = { type: 'live', at: 0 }
/** `f1` is the client id that is made when one is needed. */
export const FLUSH: OutboxEvent = { type: 'flush', fresh: 'f1', at: 0 }
export const LOST: OutboxEvent = { type: 'lost', at: 0 }
export const CLOSED: OutboxEvent = { type: 'closed', outlives: false }
export const UP = [welcome(), LIVE]
/** A new socket, whose welcome says so. */
export const again = (says: WelcomeSays): OutboxEvent[] => [LOST, welcome(says), LIVE]

export interface Run {
  readonly state: OutboxState
  /** Of the last event. */
  readonly effects: readonly OutboxEffect[]
  /** Of all events. */
  readonly all: readonly OutboxEffect[]
}

export const run = (...events: OutboxEvent[]): Run =>
  runFrom({ state: outboxStart(LIMITS), effects: [], all: [] }, ...events)

export function runFrom(before: Run, ...events: OutboxEvent[]): Run {
  let { state } = before
  const all = [...before.all]
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
/** How writes have ended, those included that were never taken. */
export const settledOf = (effects: readonly OutboxEffect[]) =>
  effects.flatMap((effect) => {
    if (effect.type === 'refuse') return [[effect.id, effect.result]]
    return effect.type === 'settle' ? effect.settled.map(({ entry, result }) => [entry.id, result]) : []
  })
export const pushesOf = (effects: readonly OutboxEffect[]): PushFrame[] =>
  effects.flatMap((effect) => (effect.type === 'send' && effect.frame.type === 'push' ? [effect.frame] : []))
export const numbersOf = (effects: readonly OutboxEffect[]) =>
  pushesOf(effects).map(({ items }) =>
    items.map(
      (item) => `${item.cid} ${item.n}${item.again ? ' again' : ''}${item.do === 'skip' ? ' skip' : ''}`,
    ),
  )
export const sentTypes = (effects: readonly OutboxEffect[]) =>
  effects.flatMap((effect) => (effect.type === 'send' ? [effect.frame.type] : []))
export const framesOf = (effects: readonly OutboxEffect[]) =>
  effects.flatMap((effect) => (effect.type === 'send' ? [effect.frame] : []))
export const marksOf = (effects: readonly OutboxEffect[]) =>
  effects.flatMap((effect) =>
    effect.type === 'mark' ? [effect.marks.map(({ id, cid, n }) => `${id} ${cid} ${n}`)] : [],
  )

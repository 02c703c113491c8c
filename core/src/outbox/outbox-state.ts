import type { ClientFrame } from '../wire/index.ts'
import { formerCids } from './cid-claims.ts'
import { type Entry, mayHaveRun, openNumber, QUEUED } from './entry.ts'
import type { OutboxEffect, OutboxEvent, OutboxLimits, Welcomed } from './outbox-event.ts'
import { flush, refused, refusedWhileResting, rested } from './push-steps.ts'
import { joining, receipts, settled } from './settle-steps.ts'
import { reconcile } from './verdict-steps.ts'
import {
  CLOSED,
  CLOSED_UNKNOWN,
  CLOSED_UNSENT,
  tooLarge,
  tooManyOps,
  type WriteResult,
} from './write-result.ts'

/**
 * The writes that the server has not confirmed, in the order in which they were made.
 *
 * down      nothing can be sent.
 * resuming  welcomed; the pass that answers hello is arriving. Its receipts settle writes, nothing may be sent.
 * live      writes are pushed, at the end of the tick that made them.
 * resting   live, but the server asked for a pause.
 * closed    for good.
 *
 * Laws. Numbers are given when a write is first sent, in order, without holes, and never withdrawn. A write whose answer may be lost
 * is settled only by what the server remembers of it. No write is settled by time.
 *
 * event →    enqueued  stored  unstored  welcome   live       receipts  joining  refused    flush  rested  lost   closed
 * down       add       queue   fail      resuming  ·          settle    release  ·          ·      ·       ·      fail all
 * resuming   add       queue   fail      resuming  reconcile  settle    release  ·          ·      ·       down   fail all
 *                                                  → live
 * live       add       queue,  fail      resuming  ·          settle    release  rewind,    push   ·       down   fail all
 *                      ask                                                       resting
 * resting    add       queue   fail      resuming  ·          settle    release  rewind     ·      live    down   fail all
 * closed     fail      ·       ·         ·         ·          ·         ·        ·          ·      ·       ·      ·
 */
export type OutboxPhase = 'down' | 'resuming' | 'live' | 'resting' | 'closed'

export interface OutboxState {
  readonly phase: OutboxPhase
  /** The client id under which writes are numbered. */
  readonly cid: string
  /** The number of the next write that gets one. */
  readonly next: number
  readonly entries: readonly Entry[]
  /** Collections that are about to get rows by a join. */
  readonly joining: ReadonlySet<string>
  readonly welcomed: Welcomed | null
  readonly limits: OutboxLimits
  /** When the server was last in contact, by its clock and by ours, in milliseconds. */
  readonly contact: { readonly server: number; readonly local: number } | null
  /** The highest number whose outcome the server keeps for us: a rejection, or a command's result. */
  readonly kept: number
  /** Up to where the server was told that it may forget outcomes. */
  readonly seenTold: number
  /** When an outcome last arrived, in milliseconds. */
  readonly heardAt: number
}

export interface OutboxStep {
  readonly state: OutboxState
  readonly effects: readonly OutboxEffect[]
}

export const outboxStart = (cid: string, limits: OutboxLimits): OutboxState => ({
  phase: 'down',
  cid,
  next: 1,
  entries: [],
  joining: new Set(),
  welcomed: null,
  limits,
  contact: null,
  kept: 0,
  seenTold: 0,
  heardAt: 0,
})

type EventOf<T extends OutboxEvent['type']> = Extract<OutboxEvent, { type: T }>
type Row = { readonly [T in OutboxEvent['type']]: (state: OutboxState, event: EventOf<T>) => OutboxStep }

/** Silent for longer, the server may have swept the client id (after 90 days) and no longer know what it ran. */
const CONTACT_MS = 80 * 24 * 3_600_000

const ignore = (state: OutboxState): OutboxStep => ({ state, effects: [] })
const refuseWrite = (state: OutboxState, id: string, result: WriteResult): OutboxStep => ({
  state,
  effects: [{ type: 'settle', id, result }],
})

function add(state: OutboxState, { id, work, bytes, at }: EventOf<'enqueued'>): OutboxStep {
  const { frameBytes, opsPerMutation } = state.limits
  if (work.do === 'mutate' && work.ops.length > opsPerMutation) {
    return refuseWrite(state, id, tooManyOps(work.ops.length, opsPerMutation))
  }
  if (bytes > frameBytes) return refuseWrite(state, id, tooLarge(bytes, frameBytes))
  const entry: Entry = { id, work, bytes, queuedAt: at, stage: { is: 'storing' } }
  return { state: { ...state, entries: [...state.entries, entry] }, effects: [{ type: 'store', id }] }
}

const addClosed = (state: OutboxState, { id }: EventOf<'enqueued'>): OutboxStep =>
  refuseWrite(state, id, CLOSED)

function stored(state: OutboxState, { id }: EventOf<'stored'>): OutboxStep {
  const entries = state.entries.map((entry) => (entry.id === id ? { ...entry, stage: QUEUED } : entry))
  return { state: { ...state, entries }, effects: state.phase === 'live' ? [{ type: 'flush-soon' }] : [] }
}

const unstored = (state: OutboxState, { id, message }: EventOf<'unstored'>): OutboxStep =>
  settled(state, [{ id, result: { is: 'unsent', code: 'storage-failed', message } }])

function welcome(state: OutboxState, { frame, at }: EventOf<'welcome'>): OutboxStep {
  const welcomed: Welcomed = {
    verdicts: frame.cids,
    lineageReset: frame.reset === 'lineage',
    recent: state.contact === null || frame.now - state.contact.server < CONTACT_MS,
  }
  const contact = { server: frame.now, local: at }
  return ignore({
    ...lose(state, { type: 'lost', at }).state,
    phase: 'resuming',
    welcomed,
    contact,
    limits: frame.limits,
  })
}

/** What was on its way is on its way no more; whether it arrived is for the next welcome to say. */
function lose(state: OutboxState, { at }: EventOf<'lost'>): OutboxStep {
  const entries = state.entries.map((entry): Entry => {
    const { stage } = entry
    return stage.is === 'sent' ? { ...entry, stage: { is: 'queued', n: stage.n, tried: 'before' } } : entry
  })
  const { contact } = state
  return ignore({
    ...state,
    phase: 'down',
    entries,
    welcomed: null,
    contact: contact && { server: contact.server + Math.max(0, at - contact.local), local: at },
  })
}

function close(state: OutboxState): OutboxStep {
  const results = state.entries.map((entry) => ({
    id: entry.id,
    result:
      entry.stage.is === 'decided'
        ? ({ is: 'confirmed', result: undefined } as const)
        : mayHaveRun(entry)
          ? CLOSED_UNKNOWN
          : CLOSED_UNSENT,
  }))
  // Only an id with nothing open may be retired: a retired id's writes are never run.
  const drained = state.entries.every((entry) => openNumber(entry) === null)
  const used = state.next > 1 && (state.phase === 'live' || state.phase === 'resting')
  const retire: ClientFrame = { type: 'retire', cids: [state.cid, ...formerCids(state).keys()] }
  const step = settled({ ...state, phase: 'closed' }, results)
  return drained && used ? { ...step, effects: [{ type: 'send', frame: retire }, ...step.effects] } : step
}

const OPEN = { enqueued: add, stored, unstored, welcome, receipts, joining, closed: close }

const TABLE: { readonly [P in OutboxPhase]: Row } = {
  down: { ...OPEN, live: ignore, refused: ignore, flush: ignore, rested: ignore, lost: ignore },
  resuming: { ...OPEN, live: reconcile, refused: ignore, flush: ignore, rested: ignore, lost: lose },
  live: { ...OPEN, live: ignore, refused, flush, rested: ignore, lost: lose },
  resting: { ...OPEN, live: ignore, refused: refusedWhileResting, flush: ignore, rested, lost: lose },
  closed: {
    enqueued: addClosed,
    stored: ignore,
    unstored: ignore,
    welcome: ignore,
    live: ignore,
    receipts: ignore,
    joining: ignore,
    refused: ignore,
    flush: ignore,
    rested: ignore,
    lost: ignore,
    closed: ignore,
  },
}

/** The next state and what to do now. An event that changes nothing returns the same state. */
export function outboxStep(state: OutboxState, event: OutboxEvent): OutboxStep {
  const cell = TABLE[state.phase][event.type] as (state: OutboxState, event: OutboxEvent) => OutboxStep
  return cell(state, event)
}

/** Since when the server owes an outcome, in milliseconds; null when it owes none. */
export function outboxWaitsSince(state: OutboxState): number | null {
  let oldest: number | null = null
  for (const { stage } of state.entries) {
    if (stage.is === 'sent') oldest = Math.min(oldest ?? stage.at, stage.at)
  }
  // One outcome after another is progress, however long the queue.
  return oldest === null ? null : Math.max(oldest, state.heardAt)
}

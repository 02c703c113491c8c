import { type Draft, type Entry, QUEUED, UNPLACED } from './entry.ts'
import { NEW_LANE } from './lane.ts'
import type { EventOf, OutboxEffect, PutTerms } from './outbox-event.ts'
import type { OutboxState, OutboxStep } from './outbox-state.ts'
import { CLOSED, type Failure, outboxFull, storageFailed, tooLarge, tooManyOps } from './write-result.ts'

/** So many writes wait at most, and so many bytes of them. */
const MOST_WRITES = 10_000
const MOST_BYTES = 20 * 1024 * 1024

const refuse = (id: string, result: Failure): OutboxEffect => ({ type: 'refuse', id, result })

/** Entries in the order of the storage; those that have no place yet stay behind, in the order in which they were made. */
export const inOrder = (entries: readonly Entry[]): Entry[] => entries.toSorted((a, b) => a.ord - b.ord)

/** A queue of one batch at a time: what is made meanwhile goes together, so that numbers are in the order of the storage. */
function putNext(state: OutboxState, { fresh, willSend }: PutTerms): OutboxStep {
  const { waiting, putting, entries, lanes } = state
  if (waiting.length === 0 || putting) return { state, effects: [] }
  const { cid, next } = state.own ?? { cid: fresh, next: 1 }
  const put = waiting.map(
    (draft, i): Entry => ({
      ...draft,
      number: { cid, n: next + i },
      ord: UNPLACED,
      mark: willSend ? 'kept' : 'none',
      tried: 'never',
      carriedAt: null,
      stage: { is: 'storing' },
    }),
  )
  return {
    state: {
      ...state,
      own: { cid, next: next + put.length },
      waiting: [],
      putting: true,
      entries: [...entries, ...put],
      lanes: lanes.has(cid) ? lanes : new Map(lanes).set(cid, NEW_LANE),
    },
    effects: [{ type: 'put', entries: put }],
  }
}

export function enqueued(state: OutboxState, { drafts, ...terms }: EventOf<'enqueued'>): OutboxStep {
  const { frameBytes, opsPerMutation } = state.limits
  const refused: OutboxEffect[] = []
  const taken: Draft[] = []
  const kept = [...state.entries, ...state.waiting]
  let bytes = kept.reduce((sum, write) => sum + write.bytes, 0)
  for (const draft of drafts) {
    const { id, work } = draft
    if (work.do === 'mutate' && work.ops.length > opsPerMutation)
      refused.push(refuse(id, tooManyOps(work.ops.length, opsPerMutation)))
    else if (draft.bytes > frameBytes) refused.push(refuse(id, tooLarge(draft.bytes, frameBytes)))
    else if (kept.length + taken.length >= MOST_WRITES || bytes + draft.bytes > MOST_BYTES)
      refused.push(refuse(id, outboxFull(kept.length + taken.length, bytes)))
    else {
      taken.push(draft)
      bytes += draft.bytes
    }
  }
  const step = putNext({ ...state, waiting: [...state.waiting, ...taken] }, terms)
  return { state: step.state, effects: [...refused, ...step.effects] }
}

export const enqueuedClosed = (state: OutboxState, { drafts }: EventOf<'enqueued'>): OutboxStep => ({
  state,
  effects: drafts.map(({ id }) => refuse(id, CLOSED)),
})

export function stored(state: OutboxState, { ords, ...terms }: EventOf<'stored'>): OutboxStep {
  const entries = state.entries.map(
    (entry): Entry =>
      entry.stage.is === 'storing' ? { ...entry, ord: ords.get(entry.id) ?? UNPLACED, stage: QUEUED } : entry,
  )
  const step = putNext({ ...state, putting: false, entries: inOrder(entries) }, terms)
  return state.phase === 'live' ? { ...step, effects: [...step.effects, { type: 'flush-soon' }] } : step
}

/** Nobody knows whether they were kept after all, so their numbers, and with them the client id, are used up. */
export function unstored(state: OutboxState, { message, ...terms }: EventOf<'unstored'>): OutboxStep {
  const failed = state.entries.filter(({ stage }) => stage.is === 'storing')
  const entries = state.entries.filter(({ stage }) => stage.is !== 'storing')
  const step = putNext({ ...state, putting: false, own: null, entries }, terms)
  const refused = failed.map(({ id }) => refuse(id, storageFailed(message)))
  return { state: step.state, effects: [...refused, ...step.effects] }
}

import type { Outcome } from '../wire/index.ts'
import { formerCids } from './cid-claims.ts'
import { type Entry, openNumber, touches } from './entry.ts'
import type { OutboxEvent, OutboxLimits } from './outbox-event.ts'
import type { OutboxState, OutboxStep } from './outbox-state.ts'
import { tooLarge, type WriteResult } from './write-result.ts'

type EventOf<T extends OutboxEvent['type']> = Extract<OutboxEvent, { type: T }>

interface Settled {
  readonly id: string
  readonly result: WriteResult
}

/** Takes these entries out and says how they ended. */
export function settled(state: OutboxState, results: readonly Settled[]): OutboxStep {
  if (results.length === 0) return { state, effects: [] }
  const ids = new Set(results.map(({ id }) => id))
  const entries = state.entries.filter(({ id }) => !ids.has(id))
  return {
    state: { ...state, entries },
    effects: [
      { type: 'forget', ids: [...ids] },
      ...results.map((each) => ({ type: 'settle', ...each }) as const),
    ],
  }
}

function resultOf(outcome: Outcome, { bytes }: Entry, { frameBytes }: OutboxLimits): WriteResult {
  switch (outcome.is) {
    case 'committed':
      return { is: 'confirmed', result: outcome.result }
    case 'rejected':
      return { is: 'rejected', code: outcome.code, message: outcome.message, details: outcome.details }
    case 'skipped':
      // Skipped because a lowered limit no longer lets it through.
      if (bytes > frameBytes) return tooLarge(bytes, frameBytes)
      return {
        is: 'rejected',
        code: 'skipped',
        message: 'The write was discarded before it ran.',
        details: undefined,
      }
  }
}

/** What the server keeps until it is told that we have it. */
const isKept = (outcome: Outcome): boolean => outcome.is !== 'committed' || outcome.result !== undefined

/**
 * The server has decided these numbers. A rejection and a command's result are told at once; a committed write waits while a collection
 * that it touches is joining, because its row is not shown before the join ends.
 */
export function decide(state: OutboxState, outcomes: ReadonlyMap<number, Outcome>): OutboxStep {
  const results: Settled[] = []
  let kept = state.kept
  const entries = state.entries.map((entry): Entry => {
    const n = openNumber(entry)
    const outcome = n === null ? undefined : outcomes.get(n)
    if (n === null || outcome === undefined) return entry
    if (isKept(outcome)) kept = Math.max(kept, n)
    if (outcome.is === 'committed' && touches(entry, state.joining))
      return { ...entry, stage: { is: 'decided', cid: state.cid, n } }
    results.push({ id: entry.id, result: resultOf(outcome, entry, state.limits) })
    return entry
  })
  return settled({ ...state, entries, kept }, results)
}

export function receipts(state: OutboxState, { receipts, at }: EventOf<'receipts'>): OutboxStep {
  const mine = receipts.filter(({ cid }) => cid === state.cid)
  if (mine.length === 0) return { state, effects: [] }
  const step = decide({ ...state, heardAt: at }, new Map(mine.map(({ n, outcome }) => [n, outcome])))
  const tell = step.state.kept > step.state.seenTold && state.phase === 'live'
  return tell ? { ...step, effects: [...step.effects, { type: 'flush-soon' }] } : step
}

/** Writes that waited for a join retire with it. */
export function joining(state: OutboxState, { collections }: EventOf<'joining'>): OutboxStep {
  const released = state.entries.filter(
    (entry) => entry.stage.is === 'decided' && !touches(entry, collections),
  )
  const step = settled(
    { ...state, joining: collections },
    released.map(({ id }) => ({ id, result: { is: 'confirmed', result: undefined } })),
  )
  const waiting = formerCids(step.state)
  const drained = [...formerCids(state).keys()].filter((cid) => !waiting.has(cid))
  if (drained.length === 0 || (state.phase !== 'live' && state.phase !== 'resting')) return step
  return { ...step, effects: [{ type: 'send', frame: { type: 'retire', cids: drained } }, ...step.effects] }
}

import type { Outcome } from '../wire/index.ts'
import { DECIDED, type Entry, isOpen, touches, type WriteNumber } from './entry.ts'
import { type Lanes, laneOf, withLane } from './lane.ts'
import type { Ending, EventOf, OutboxEffect, OutboxLimits, Settled } from './outbox-event.ts'
import type { OutboxState, OutboxStep } from './outbox-state.ts'
import { CONFIRMED, tooLarge, type WriteResult } from './write-result.ts'

export type Outcomes = ReadonlyMap<string, ReadonlyMap<number, Outcome>>

const ASK: readonly OutboxEffect[] = [{ type: 'flush-soon' }]

/** Takes these entries out and says how they ended. */
export function settled(state: OutboxState, ended: readonly Settled[], ending: Ending): OutboxStep {
  if (ended.length === 0) return { state, effects: [] }
  const ids = new Set(ended.map(({ entry }) => entry.id))
  const entries = state.entries.filter(({ id }) => !ids.has(id))
  return { state: { ...state, entries }, effects: [{ type: 'settle', ending, settled: ended }] }
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

/** `awaited`: numbers of which the storage has yet to keep how they ended. */
function heardOf(lanes: Lanes, outcomes: Outcomes, awaited: readonly WriteNumber[]): Lanes {
  let next = lanes
  for (const [cid, byNumber] of outcomes) {
    const { heard, floor, kept, forgetting } = laneOf(lanes, cid)
    const last = Math.max(...byNumber.keys())
    const keeps = [...byNumber].flatMap(([n, outcome]) => (isKept(outcome) ? [n] : []))
    const mine = awaited.flatMap((number) => (number.cid === cid ? [number.n] : []))
    next = withLane(next, cid, {
      heard: Math.max(heard, last),
      floor: floor === null ? null : Math.max(floor, last + 1),
      kept: Math.max(kept, ...keeps),
      ...(mine.length > 0 ? { forgetting: new Set([...forgetting, ...mine]) } : {}),
    })
  }
  return next
}

/**
 * The server has decided these numbers. A rejection and a command's result are told at once; a committed write waits while a collection
 * that it touches is joining, because its row is not shown before the join ends.
 */
export function decide(state: OutboxState, outcomes: Outcomes): OutboxStep {
  const ended: Settled[] = []
  const awaited: WriteNumber[] = []
  const entries = state.entries.map((entry): Entry => {
    const { cid, n } = entry.number
    const outcome = isOpen(entry) ? outcomes.get(cid)?.get(n) : undefined
    if (outcome === undefined) return entry
    if (outcome.is === 'committed' && touches(entry, state.joining)) return { ...entry, stage: DECIDED }
    if (isKept(outcome)) awaited.push(entry.number)
    ended.push({ entry, result: resultOf(outcome, entry, state.limits) })
    return entry
  })
  return settled({ ...state, entries, lanes: heardOf(state.lanes, outcomes, awaited) }, ended, 'to keep')
}

export function receipts(state: OutboxState, { receipts, at }: EventOf<'receipts'>): OutboxStep {
  const outcomes = new Map<string, Map<number, Outcome>>()
  for (const { cid, n, outcome } of receipts) {
    const byNumber = outcomes.get(cid)
    if (byNumber) byNumber.set(n, outcome)
    else if (state.lanes.has(cid)) outcomes.set(cid, new Map([[n, outcome]]))
  }
  if (outcomes.size === 0) return { state, effects: [] }
  const step = decide({ ...state, heardAt: at }, outcomes)
  // Those of the next client id may go now, and the server may forget what it keeps.
  return state.phase === 'live' ? { ...step, effects: [...step.effects, ...ASK] } : step
}

export function forgotten(state: OutboxState, { numbers }: EventOf<'forgotten'>): OutboxStep {
  const gone = new Map<string, Set<number>>()
  for (const { cid, n } of numbers) gone.set(cid, (gone.get(cid) ?? new Set()).add(n))
  let { lanes } = state
  for (const [cid, ns] of gone) {
    const lane = lanes.get(cid)
    if (!lane || lane.forgetting.size === 0) continue
    lanes = withLane(lanes, cid, { forgetting: new Set([...lane.forgetting].filter((n) => !ns.has(n))) })
  }
  return { state: { ...state, lanes }, effects: state.phase === 'live' ? ASK : [] }
}

/** Writes that waited for a join retire with it. */
export function joining(state: OutboxState, { collections }: EventOf<'joining'>): OutboxStep {
  const released = state.entries.filter(
    (entry) => entry.stage.is === 'decided' && !touches(entry, collections),
  )
  const step = settled(
    { ...state, joining: collections },
    released.map((entry) => ({ entry, result: CONFIRMED })),
    'to keep',
  )
  const ask = released.length > 0 && state.phase === 'live'
  return ask ? { ...step, effects: [...step.effects, ...ASK] } : step
}

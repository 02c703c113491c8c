import { DECIDED, type Entry, isUnsent, type Stage, touches } from './entry.ts'
import type { EventOf, OutboxEffect, Settled } from './outbox-event.ts'
import type { OutboxState, OutboxStep } from './outbox-state.ts'
import { inOrder } from './put-steps.ts'
import { settled } from './settle-steps.ts'
import { CONFIRMED, DISCARDED, failureResult, type WriteResult } from './write-result.ts'

const WITHDRAWING: Stage = { is: 'withdrawing' }

const askIfLive = ({ phase }: OutboxState): OutboxEffect[] =>
  phase === 'live' ? [{ type: 'flush-soon' }] : []

/** What the storage says of a write that is known here. Another leader may have sent it, or given it another number. */
function merged(known: Entry, said: Entry): Entry {
  if (known.stage.is !== 'queued') return known
  const { number, ord, mark, tried, carriedAt } = said
  if (number.cid !== known.number.cid || number.n !== known.number.n)
    return { ...known, number, ord, mark, tried, carriedAt }
  return {
    ...known,
    ord,
    mark: mark === 'kept' ? mark : known.mark,
    tried: tried === 'before' ? tried : known.tried,
    carriedAt: known.carriedAt ?? carriedAt,
  }
}

export function adopted(state: OutboxState, { entries }: EventOf<'adopted'>): OutboxStep {
  const said = new Map(entries.map((entry) => [entry.id, entry]))
  const known = state.entries.map((entry) => {
    const same = said.get(entry.id)
    said.delete(entry.id)
    return same ? merged(entry, same) : entry
  })
  return {
    state: { ...state, entries: inOrder([...known, ...said.values()]) },
    effects: askIfLive(state),
  }
}

/** Takes out those of `results` that are here. One that is confirmed, and whose rows are not here yet, goes with the join that brings them. */
function settleKnown(state: OutboxState, results: ReadonlyMap<string, WriteResult>): OutboxStep {
  const here: Settled[] = []
  const entries = state.entries.map((entry): Entry => {
    const result = results.get(entry.id)
    if (result?.is === 'confirmed' && touches(entry, state.joining)) return { ...entry, stage: DECIDED }
    if (result) here.push({ entry, result })
    return entry
  })
  return settled({ ...state, entries }, here, 'kept')
}

/** Also what this page has yet to hear is kept: another tab can only have found it in the storage. Nobody would tell of it again. */
export const elsewhere = (state: OutboxState, { results }: EventOf<'elsewhere'>): OutboxStep =>
  settleKnown(state, new Map(results.map(({ id, result }) => [id, result])))

/** A write leaves the storage in two ways only: confirmed, or for the failed writes. One that is being kept has yet to come there. */
export function absent(state: OutboxState, { ids, failed }: EventOf<'absent'>): OutboxStep {
  const failures = new Map(failed.map((failure) => [failure.id, failure]))
  const storing = new Set(state.entries.flatMap(({ id, stage }) => (stage.is === 'storing' ? [id] : [])))
  const left = ids.filter((id) => !storing.has(id))
  const results = left.map((id): [string, WriteResult] => {
    const failure = failures.get(id)
    return [id, failure ? failureResult(failure) : CONFIRMED]
  })
  return settleKnown(state, new Map(results))
}

/** Its number stays used up; it is skipped if a later one is sent. */
export function withdrawing(state: OutboxState, { id }: EventOf<'withdrawing'>): OutboxStep {
  const found = state.entries.find((entry) => entry.id === id)
  if (!found || !isUnsent(found)) return { state, effects: [] }
  const entries = state.entries.map(
    (entry): Entry => (entry === found ? { ...entry, stage: WITHDRAWING } : entry),
  )
  return { state: { ...state, entries }, effects: [] }
}

export function withdrawn(state: OutboxState, { id }: EventOf<'withdrawn'>): OutboxStep {
  const gone = state.entries.filter((entry) => entry.id === id)
  const step = settled(
    state,
    gone.map((entry) => ({ entry, result: DISCARDED })),
    'kept',
  )
  return { state: step.state, effects: [...step.effects, ...askIfLive(state)] }
}

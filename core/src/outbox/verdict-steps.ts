import type { CidVerdict, Outcome } from '../wire/index.ts'
import { formerCids } from './cid-claims.ts'
import { type Entry, mayHaveRun, openNumber, QUEUED } from './entry.ts'
import type { OutboxEffect, OutboxEvent, Welcomed } from './outbox-event.ts'
import type { OutboxState, OutboxStep } from './outbox-state.ts'
import { rehome } from './rehome-step.ts'
import { decide, settled } from './settle-steps.ts'
import { OUTCOME_UNKNOWN } from './write-result.ts'

const COMMITTED: Outcome = { is: 'committed' }

/** The number that the server has to expect next if the numbers are to be kept. */
const firstOpen = ({ entries, next }: OutboxState): number =>
  entries.reduce((first, entry) => Math.min(first, openNumber(entry) ?? first), next)

/** Every number up to `last` is decided. An outcome that the pass did not carry carries nothing: it was committed. */
function decideThrough(state: OutboxState, last: number): OutboxStep {
  const outcomes = new Map<number, Outcome>()
  for (const entry of state.entries) {
    const n = openNumber(entry)
    if (n !== null && n <= last) outcomes.set(n, COMMITTED)
  }
  return decide(state, outcomes)
}

const failAll = (state: OutboxState, which: (entry: Entry) => boolean): OutboxStep =>
  settled(
    state,
    state.entries.filter(which).map(({ id }) => ({ id, result: OUTCOME_UNKNOWN })),
  )

/** The last number that this history has decided under a client id, null where the verdict does not tell. */
function lastDecided(verdict: CidVerdict | undefined): number | null {
  switch (verdict?.is) {
    case 'known':
      return verdict.last
    case 'unknown':
      return 0
    case 'retired':
    case 'foreign':
    case undefined:
      return null
  }
}

/**
 * A write that waits for its join was decided by the history that an earlier socket spoke to. A history without a record of it has not
 * run it: it is open again, or the join would confirm what is gone. The record is looked for under the client id that the write was
 * sent under; a number of one client id says nothing about the numbers of another.
 */
function reopen(state: OutboxState, { verdicts, recent }: Welcomed): OutboxStep {
  const swept = new Set<string>()
  const entries = state.entries.map((entry): Entry => {
    const { id, stage } = entry
    if (stage.is !== 'decided') return entry
    const verdict = verdicts.find(({ cid }) => cid === stage.cid)
    const last = lastDecided(verdict)
    if (last === null || stage.n <= last) return entry
    // As below: unknown after a long silence is no proof that it has not run.
    if (verdict?.is === 'unknown' && !recent) swept.add(id)
    if (stage.cid !== state.cid) return { ...entry, stage: QUEUED }
    return { ...entry, stage: { is: 'queued', n: stage.n, tried: 'before' } }
  })
  return failAll({ ...state, entries }, ({ id }) => swept.has(id))
}

/** Whether no write without a number stands before one that has one: the later number would be sent first, and leave a gap. */
function isNumberedInOrder({ entries }: OutboxState): boolean {
  let before: 'numbered' | 'unnumbered' = 'numbered'
  for (const { stage } of entries) {
    if (stage.is !== 'queued') continue
    if (stage.n === null) before = 'unnumbered'
    else if (before === 'unnumbered') return false
  }
  return true
}

/** What is certain about the writes whose answers may be lost, and whether the numbers go on. */
function judge(before: OutboxState): OutboxStep & { readonly keep: boolean; readonly retire: boolean } {
  const welcomed = before.welcomed ?? { verdicts: [], lineageReset: false, recent: true }
  const { verdicts, lineageReset, recent } = welcomed
  const reopened = reopen(before, welcomed)
  const judged = (step: OutboxStep): OutboxStep => ({
    state: step.state,
    effects: [...reopened.effects, ...step.effects],
  })
  const { state } = reopened
  const verdict = verdicts.find(({ cid }) => cid === state.cid)
  switch (verdict?.is) {
    case 'known': {
      const step = decideThrough(state, verdict.last)
      const first = firstOpen(step.state)
      // After a reset to another history, numbers above `last` belong to the one that is gone.
      const goesOn = first === verdict.last + 1 && !(lineageReset && first < step.state.next)
      const keep = goesOn && isNumberedInOrder(step.state)
      return { ...judged(step), keep, retire: !keep }
    }
    case 'retired':
    case 'foreign':
      return { ...judged(failAll(state, mayHaveRun)), keep: false, retire: false }
    case 'unknown':
    case undefined: {
      // A client id that the server knew within its retention is unknown only to a history in which its writes did not happen: they
      // never arrived, or were wiped together with their effects. Longer ago, the id may have been swept although they did happen.
      const step = recent ? { state, effects: [] } : failAll(state, mayHaveRun)
      const keep = firstOpen(step.state) === 1 && isNumberedInOrder(step.state)
      return { ...judged(step), keep, retire: false }
    }
  }
}

/** The pass that answers hello has been applied: settles what the welcome decided, and queues the rest again. */
export function reconcile(
  state: OutboxState,
  { fresh, at }: Extract<OutboxEvent, { type: 'live' }>,
): OutboxStep {
  const judged = judge({ ...state, heardAt: at })
  const live: OutboxState = { ...judged.state, phase: 'live', welcomed: null }
  const moved = judged.keep ? { state: live, effects: [] } : rehome(live, fresh)
  const effects: OutboxEffect[] = [...judged.effects, ...moved.effects]
  // Not while a write waits that was decided under it: the next welcome may have to tell about that number.
  const waits = formerCids(moved.state).has(state.cid)
  if (judged.retire && !waits) effects.push({ type: 'send', frame: { type: 'retire', cids: [state.cid] } })
  return { state: moved.state, effects: [...effects, { type: 'flush-soon' }] }
}

import type { Outcome } from '../wire/index.ts'
import { type Entry, mayHaveRun, openNumber } from './entry.ts'
import type { OutboxEffect, OutboxEvent } from './outbox-event.ts'
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

/** What is certain about the writes whose answers may be lost, and whether the numbers go on. */
function judge(state: OutboxState): OutboxStep & { readonly keep: boolean; readonly retire: boolean } {
  const { verdict, lineageReset, recent } = state.welcomed ?? {
    verdict: null,
    lineageReset: false,
    recent: true,
  }
  switch (verdict?.is) {
    case 'known': {
      const step = decideThrough(state, verdict.last)
      const first = firstOpen(step.state)
      // After a reset to another history, numbers above `last` belong to the one that is gone.
      const keep = first === verdict.last + 1 && !(lineageReset && first < step.state.next)
      return { ...step, keep, retire: !keep }
    }
    case 'retired':
    case 'foreign':
      return { ...failAll(state, mayHaveRun), keep: false, retire: false }
    case 'unknown':
    case undefined: {
      // A client id that the server knew within its retention is unknown only to a history in which its writes did not happen: they
      // never arrived, or were wiped together with their effects. Longer ago, the id may have been swept although they did happen.
      const step = recent ? { state, effects: [] } : failAll(state, mayHaveRun)
      return { ...step, keep: firstOpen(step.state) === 1, retire: false }
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
  if (judged.retire) effects.push({ type: 'send', frame: { type: 'retire', cids: [state.cid] } })
  return { state: moved.state, effects: [...effects, { type: 'flush-soon' }] }
}

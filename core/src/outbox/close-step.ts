import { drainedCids } from './acknowledge-step.ts'
import { type Entry, isOpen, mayHaveRun } from './entry.ts'
import { laneOf } from './lane.ts'
import type { EventOf, OutboxEffect } from './outbox-event.ts'
import type { OutboxState, OutboxStep } from './outbox-state.ts'
import { settled } from './settle-steps.ts'
import { CLOSED_KEPT, CLOSED_UNKNOWN, CLOSED_UNSENT, CONFIRMED, type Failure } from './write-result.ts'

/** Client ids of this page with nothing open: a retired client id's writes are never run. */
function spentCids(state: OutboxState): readonly string[] {
  const { own, lanes, entries } = state
  const drained = drainedCids(state)
  if (own === null || entries.some(({ number }) => number.cid === own.cid)) return drained
  const { link, forgetting } = laneOf(lanes, own.cid)
  return link === 'declared' && forgetting.size === 0 ? [...drained, own.cid] : drained
}

/** The application is told what is certain. What is kept stays kept, and is sent by whoever finds it. */
export function close(state: OutboxState, { outlives }: EventOf<'closed'>): OutboxStep {
  const decided = state.entries.filter(({ stage }) => stage.is === 'decided')
  const confirmed = settled(
    state,
    decided.map((entry) => ({ entry, result: CONFIRMED })),
    'to keep',
  )
  const linked = state.phase === 'live' || state.phase === 'resting'
  const cids = linked ? spentCids(confirmed.state) : []
  const retire: OutboxEffect[] = cids.length > 0 ? [{ type: 'send', frame: { type: 'retire', cids } }] : []
  // Those that are being kept are told when it is known whether they were: whoever finds them sends them.
  const known = confirmed.state.entries.filter(({ stage }) => !outlives || stage.is !== 'storing')
  const told = known.map(
    (entry): OutboxEffect => ({
      type: 'refuse',
      id: entry.id,
      result: closedResult(entry, outlives),
    }),
  )
  const waiting = state.waiting.map(({ id }): OutboxEffect => ({ type: 'refuse', id, result: CLOSED_UNSENT }))
  return {
    state: { ...confirmed.state, phase: 'closed', entries: [], waiting: [] },
    effects: [...retire, ...confirmed.effects, ...told, ...waiting],
  }
}

function closedResult(entry: Entry, outlives: boolean): Failure {
  if (!isOpen(entry)) return CLOSED_UNSENT
  if (outlives) return CLOSED_KEPT
  return mayHaveRun(entry) ? CLOSED_UNKNOWN : CLOSED_UNSENT
}

import type { Entry } from './entry.ts'
import { NEW_LANE } from './lane.ts'
import type { Settled } from './outbox-event.ts'
import type { OutboxState, OutboxStep } from './outbox-state.ts'
import { settled } from './settle-steps.ts'
import { OUTCOME_UNKNOWN } from './write-result.ts'

/**
 * The server runs nothing more under `cid`. What an earlier socket may have carried stays unknown; the rest goes out under a new client
 * id, from 1 on, which is kept with its mark before it is sent. Only for writes that did not run under the old one: numbers are what
 * keeps a write from running twice.
 */
export function abandon(state: OutboxState, cid: string, fresh: string): OutboxStep {
  const lost: Settled[] = []
  let n = 0
  const entries = state.entries.map((entry): Entry => {
    const { number, stage, tried } = entry
    if (number.cid !== cid || (stage.is !== 'queued' && stage.is !== 'marking')) return entry
    if (tried === 'before') {
      lost.push({ entry, result: OUTCOME_UNKNOWN })
      return entry
    }
    n++
    return { ...entry, number: { cid: fresh, n }, mark: 'none', carriedAt: null, stage: { is: 'queued' } }
  })
  const lanes = n === 0 ? state.lanes : new Map(state.lanes).set(fresh, NEW_LANE)
  const step = settled({ ...state, entries, lanes }, lost, 'to keep')
  return { state: step.state, effects: [...step.effects, { type: 'flush-soon' }] }
}

import type { Entry } from './entry.ts'
import type { OutboxState, OutboxStep } from './outbox-state.ts'

/**
 * Moves every open write to a new client id, from number 1 on. Only for writes that did not run under the old one: numbers are what keeps
 * a write from running twice.
 */
export function rehome(state: OutboxState, fresh: string): OutboxStep {
  const entries = state.entries.map((entry): Entry => {
    const { stage } = entry
    return stage.is === 'sent' || stage.is === 'queued'
      ? { ...entry, stage: { is: 'queued', n: null, tried: 'never' } }
      : entry
  })
  return {
    state: { ...state, cid: fresh, next: 1, kept: 0, seenTold: 0, entries },
    effects: [{ type: 'send', frame: { type: 'open', cids: [{ cid: fresh, seen: 0 }] } }],
  }
}

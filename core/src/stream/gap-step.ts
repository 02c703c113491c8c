import { CloseCode } from '../wire/close-code.ts'
import type { StreamState, StreamStep } from './stream-state.ts'
import { demoted, unplaced } from './subscription.ts'

/** A second gap within this time means that the position itself is not to be trusted. */
const GAP_MEMORY_MS = 60_000

/**
 * Gives the socket up without applying anything. What has joined keeps the position, unless that has just failed before: then everything
 * starts over, and the next hello claims none.
 */
export function gap(state: StreamState, at: number, reason: string): StreamStep {
  const again = state.gapAt !== null && at - state.gapAt < GAP_MEMORY_MS
  return {
    state: {
      ...state,
      phase: 'down',
      subs: again ? unplaced(state.subs) : demoted(state.subs, ['joining']),
      pass: [],
      leaving: [],
      gapAt: at,
    },
    effects: [{ type: 'redial', code: CloseCode.gap, reason }],
  }
}

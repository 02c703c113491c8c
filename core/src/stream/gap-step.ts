import { CloseCode } from '../wire/index.ts'
import type { StreamState, StreamStep } from './stream-state.ts'
import { demoted } from './subscription.ts'

/** A second gap within this time means that the position itself is not to be trusted. */
const GAP_MEMORY_MS = 60_000

/**
 * Gives the socket up without applying anything. The position is kept, unless it has just failed before: then everything starts over.
 */
export function gap(state: StreamState, at: number, reason: string): StreamStep {
  const again = state.gapAt !== null && at - state.gapAt < GAP_MEMORY_MS
  return {
    state: {
      ...state,
      phase: 'down',
      position: again ? null : state.position,
      subs: demoted(state.subs, again ? ['joining', 'joined'] : ['joining']),
      pass: [],
      leaving: [],
      gapAt: at,
    },
    effects: [{ type: 'redial', code: CloseCode.gap, reason }],
  }
}

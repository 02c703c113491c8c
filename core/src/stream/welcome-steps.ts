import { refuse } from './join-steps.ts'
import type { StreamEffect, StreamEvent } from './stream-event.ts'
import type { StreamState, StreamStep } from './stream-state.ts'
import { replaced, unplaced, WAITING } from './subscription.ts'

/**
 * Takes the server's verdicts. A reset takes the position and every claim in the same step: rows stay visible, unclaimed, until their
 * subscription has joined again.
 */
export function welcome(
  state: StreamState,
  { frame, at }: Extract<StreamEvent, { type: 'welcome' }>,
): StreamStep {
  const reset = frame.reset !== undefined
  const effects: StreamEffect[] = []
  let current: StreamState = {
    ...state,
    phase: 'resuming',
    position: reset ? null : state.position,
    subs: reset ? unplaced(state.subs) : state.subs,
    heardAt: at,
  }
  const judged = new Set<number>()
  for (const verdict of frame.subs) {
    judged.add(verdict.id)
    const sub = current.subs.get(verdict.id)
    if (!sub) continue
    if (verdict.is === 'refused') {
      const refusal = { code: verdict.code ?? 'internal', message: verdict.message ?? 'refused' }
      const step = refuse(current, sub, refusal)
      current = step.state
      effects.push(...step.effects)
    }
    // What joins for itself is told so when it asks.
    if (verdict.is === 'restart' && sub.phase.is === 'joined')
      current = { ...current, subs: replaced(current.subs, { ...sub, phase: WAITING }) }
  }
  // A claim without a verdict is not resumed: joining again is always right.
  for (const sub of current.subs.values()) {
    if (sub.phase.is === 'joined' && !judged.has(sub.id)) {
      current = { ...current, subs: replaced(current.subs, { ...sub, phase: WAITING }) }
    }
  }
  return { state: current, effects }
}

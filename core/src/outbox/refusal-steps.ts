import { CloseCode } from '../wire/close-code.ts'
import { tellSeen } from './acknowledge-step.ts'
import { type Entry, QUEUED } from './entry.ts'
import { type Lane, laneOf, seenThrough, withLane } from './lane.ts'
import { REST_MS } from './mark-steps.ts'
import type { EventOf, OutboxEffect } from './outbox-event.ts'
import type { OutboxState, OutboxStep } from './outbox-state.ts'

/** The server ran nothing of the numbers of `cid` from `n` on: they are queued again, in order. */
function rewind(state: OutboxState, cid: string, n: number, change: Partial<Lane> = {}): OutboxState {
  const entries = state.entries.map((entry): Entry => {
    const back = entry.stage.is === 'sent' && entry.number.cid === cid && entry.number.n >= n
    return back ? { ...entry, stage: QUEUED } : entry
  })
  return { ...state, entries, lanes: withLane(state.lanes, cid, { expects: n, ...change }) }
}

/** Whether everything from `expected` on can be sent: nothing of it is decided, as far as we know. */
function canSendFrom({ lanes, entries }: OutboxState, cid: string, expected: number): boolean {
  const decided = entries.some(
    ({ number, stage }) => stage.is === 'decided' && number.cid === cid && number.n >= expected,
  )
  return !decided && expected >= (laneOf(lanes, cid).floor ?? 0)
}

export function refused(state: OutboxState, { frame }: EventOf<'refused'>): OutboxStep {
  const { cid, n, code } = frame
  if (laneOf(state.lanes, cid).link === 'undeclared') return { state, effects: [] }
  const again: OutboxEffect = { type: 'flush-soon' }
  switch (code) {
    case 'gap': {
      const expected = frame.expected ?? n
      // The server waits for a number that is long decided, or that was never given: only a new hello can tell what it knows.
      if (expected > n || !canSendFrom(state, cid, expected)) {
        const reason = `the server expects number ${expected}`
        return { state, effects: [{ type: 'redial', code: CloseCode.silence, reason }] }
      }
      return { state: rewind(state, cid, expected, { floor: expected }), effects: [again] }
    }
    case 'cid-undeclared': {
      const seen = seenThrough(state.lanes, state.entries)(cid)
      const open: OutboxEffect = { type: 'send', frame: { type: 'open', cids: [{ cid, seen }] } }
      return { state: rewind(state, cid, n), effects: [open, again] }
    }
    case 'cid-retired':
    case 'cid-foreign': {
      const back = rewind(state, cid, n, { made: 'elsewhere', link: 'spent' })
      return { state: { ...back, own: back.own?.cid === cid ? null : back.own }, effects: [again] }
    }
    default: {
      // Busy, or a fault of the server. Nothing ran, so nothing is lost by asking again.
      const told = tellSeen(rewind(state, cid, n))
      return {
        state: { ...told.state, phase: 'resting' },
        effects: [...told.effects, { type: 'rest', ms: REST_MS }],
      }
    }
  }
}

/** Writes that were on their way when the pause began are refused as well; they wait for its end. */
export function refusedWhileResting(state: OutboxState, event: EventOf<'refused'>): OutboxStep {
  const step = refused(state, event)
  return {
    state: step.state,
    effects: step.effects.filter(({ type }) => type !== 'rest' && type !== 'flush-soon'),
  }
}

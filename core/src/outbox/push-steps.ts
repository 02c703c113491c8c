import { type ClientFrame, CloseCode, type PushItem } from '../wire/index.ts'
import { seenThrough } from './cid-claims.ts'
import { ENVELOPE_BYTES, type Entry, mayHaveRun, openNumber, pushItem } from './entry.ts'
import type { OutboxEffect, OutboxEvent } from './outbox-event.ts'
import type { OutboxState, OutboxStep } from './outbox-state.ts'
import { rehome } from './rehome-step.ts'
import { settled } from './settle-steps.ts'
import { OUTCOME_UNKNOWN, tooLarge, type WriteResult } from './write-result.ts'

type EventOf<T extends OutboxEvent['type']> = Extract<OutboxEvent, { type: T }>

/** How long to leave a busy server alone. */
const REST_MS = 1000

const send = (frame: ClientFrame): OutboxEffect => ({ type: 'send', frame })

/** Cuts what is to be sent into frames below the limit. */
function frames(items: readonly { item: PushItem; bytes: number }[], limit: number): OutboxEffect[] {
  const effects: OutboxEffect[] = []
  let batch: PushItem[] = []
  let size = 0
  for (const { item, bytes } of items) {
    if (batch.length > 0 && size + bytes > limit) {
      effects.push(send({ type: 'push', items: batch }))
      batch = []
      size = 0
    }
    batch.push(item)
    size += bytes
  }
  if (batch.length > 0) effects.push(send({ type: 'push', items: batch }))
  return effects
}

/** Tells the server which outcomes it may forget, if it keeps any. */
function tellSeen(state: OutboxState): OutboxStep {
  const seen = seenThrough(state)
  if (state.kept <= state.seenTold || seen <= state.seenTold) return { state, effects: [] }
  return {
    state: { ...state, seenTold: seen },
    effects: [send({ type: 'seen', cids: [{ cid: state.cid, seen }] })],
  }
}

/** Sends everything that is kept and not on its way, in order, up to the first write that is still being stored. */
export function flush(state: OutboxState, { at }: EventOf<'flush'>): OutboxStep {
  const { cid, limits } = state
  const items: { item: PushItem; bytes: number }[] = []
  const failed: { id: string; result: WriteResult }[] = []
  let next = state.next
  let blocked = false
  const entries = state.entries.map((entry): Entry => {
    const { id, work, bytes, stage } = entry
    blocked ||= stage.is === 'storing'
    if (blocked || stage.is !== 'queued') return entry
    // The limit may have been lowered since it was queued. A number that was given cannot be withdrawn, and it may have been decided:
    // a skip uses it up, or is answered with what became of it.
    const fits = bytes <= limits.frameBytes
    if (!fits && stage.n === null) {
      failed.push({ id, result: tooLarge(bytes, limits.frameBytes) })
      return entry
    }
    const n = stage.n ?? next++
    if (fits) items.push({ item: pushItem(cid, n, work, stage.tried === 'before'), bytes })
    else items.push({ item: { cid, n, do: 'skip' }, bytes: ENVELOPE_BYTES })
    return { ...entry, stage: { is: 'sent', n, tried: stage.tried, at } }
  })
  const told = tellSeen(state)
  const step = settled({ ...told.state, entries, next }, failed)
  return {
    state: step.state,
    effects: [...told.effects, ...frames(items, limits.frameBytes), ...step.effects],
  }
}

/** The server ran nothing of the numbers from `n` on: they are queued again, in order. */
function rewind(state: OutboxState, n: number): OutboxState {
  const entries = state.entries.map((entry): Entry => {
    const { stage } = entry
    if (stage.is !== 'sent' || stage.n < n) return entry
    return { ...entry, stage: { is: 'queued', n: stage.n, tried: stage.tried } }
  })
  return { ...state, entries }
}

/** The client id is spent. What may have run under it on an earlier socket stays unknown; the rest goes out under a new one. */
function abandonCid(state: OutboxState, n: number, fresh: string): OutboxStep {
  const back = rewind(state, n)
  const unknown = back.entries.filter(mayHaveRun)
  const step = settled(
    back,
    unknown.map(({ id }) => ({ id, result: OUTCOME_UNKNOWN })),
  )
  const moved = rehome(step.state, fresh)
  return { state: moved.state, effects: [...step.effects, ...moved.effects, { type: 'flush-soon' }] }
}

export function refused(state: OutboxState, { frame, fresh }: EventOf<'refused'>): OutboxStep {
  if (frame.cid !== state.cid) return { state, effects: [] }
  const again: OutboxEffect = { type: 'flush-soon' }
  switch (frame.code) {
    case 'gap': {
      const expected = frame.expected ?? frame.n
      const first = Math.min(...state.entries.map((entry) => openNumber(entry) ?? state.next), state.next)
      // The server waits for a number that is long decided, or that was never given: only a new hello can tell what it knows.
      if (expected < first || expected >= state.next) {
        const reason = `the server expects number ${expected}`
        return { state, effects: [{ type: 'redial', code: CloseCode.silence, reason }] }
      }
      return { state: rewind(state, expected), effects: [again] }
    }
    case 'cid-undeclared': {
      const open = send({ type: 'open', cids: [{ cid: state.cid, seen: seenThrough(state) }] })
      return { state: rewind(state, frame.n), effects: [open, again] }
    }
    case 'cid-retired':
    case 'cid-foreign':
      return abandonCid(state, frame.n, fresh)
    default: {
      // Busy, or a fault of the server. Nothing ran, so nothing is lost by asking again.
      const told = tellSeen(rewind(state, frame.n))
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

export const rested = (state: OutboxState): OutboxStep => ({
  state: { ...state, phase: 'live' },
  effects: [{ type: 'flush-soon' }],
})

import { CloseCode } from '../wire/close-code.ts'
import type { PushItem } from '../wire/index.ts'
import { abandon } from './abandon-step.ts'
import { acknowledge } from './acknowledge-step.ts'
import { ENVELOPE_BYTES, type Entry, isOpen, pushItem } from './entry.ts'
import { declaredCids, laneOf, seenThrough, withLane } from './lane.ts'
import type { EventOf, Mark, OutboxEffect, OutboxLimits, Settled } from './outbox-event.ts'
import type { OutboxState, OutboxStep } from './outbox-state.ts'
import { settled } from './settle-steps.ts'
import { isRecent, serverNow } from './verdict-steps.ts'
import { tooLarge } from './write-result.ts'

interface Sized {
  readonly item: PushItem
  readonly bytes: number
}

/** Cuts what is to be sent into frames below the limits. */
function frames(items: readonly Sized[], { frameBytes, itemsPerPush }: OutboxLimits): OutboxEffect[] {
  const effects: OutboxEffect[] = []
  let batch: PushItem[] = []
  let size = 0
  const cut = () => {
    if (batch.length > 0) effects.push({ type: 'send', frame: { type: 'push', items: batch } })
    batch = []
    size = 0
  }
  for (const { item, bytes } of items) {
    if (size + bytes > frameBytes || batch.length >= itemsPerPush) cut()
    batch.push(item)
    size += bytes
  }
  cut()
  return effects
}

/** The writes that may be on their way now: those of one client id, as long as none before them of another one is undecided. */
function due(entries: readonly Entry[]): readonly Entry[] {
  const undecided = entries.filter(({ stage }) => stage.is !== 'decided')
  const [first] = undecided
  const end = undecided.findIndex(
    (entry) => !isOpen(entry) || (first !== undefined && entry.number.cid !== first.number.cid),
  )
  return end < 0 ? undecided : undecided.slice(0, end)
}

/** Sends `cid`'s due writes in order: those whose mark is kept; the others get theirs first. */
function push(state: OutboxState, cid: string, writes: readonly Entry[], at: number): OutboxStep {
  const { limits } = state
  const items: Sized[] = []
  const marks: Mark[] = []
  const failed: Settled[] = []
  const stages = new Map<string, Entry['stage']>()
  let { expects } = laneOf(state.lanes, cid)
  const carriedAt = serverNow(state, at)
  for (const entry of writes) {
    const { id, number, bytes, stage, tried, mark } = entry
    if (stage.is === 'sent') continue
    // The limit may have been lowered since it was kept. If its number was never sent, it is skipped like any that has no write.
    const fits = bytes <= limits.frameBytes
    if (!fits && tried === 'never') {
      failed.push({ entry, result: tooLarge(bytes, limits.frameBytes) })
      continue
    }
    if (stage.is === 'marking') break
    if (mark === 'none' || marks.length > 0) {
      if (mark === 'none') {
        marks.push({ id, ...number, sentAt: carriedAt ?? at })
        stages.set(id, { is: 'marking' })
      }
      continue
    }
    const skip = (n: number): Sized => ({ item: { cid, n, do: 'skip' }, bytes: ENVELOPE_BYTES })
    for (let hole = expects ?? number.n; hole < number.n; hole++) items.push(skip(hole))
    // It may have been decided: a skip uses its number up, or is answered with what became of it.
    items.push(fits ? { item: pushItem(entry), bytes } : skip(number.n))
    expects = number.n + 1
    stages.set(id, { is: 'sent', at })
  }
  const entries = state.entries.map((entry): Entry => {
    const stage = stages.get(entry.id)
    if (!stage) return entry
    return stage.is === 'sent' ? { ...entry, stage, carriedAt } : { ...entry, stage }
  })
  const step = settled(
    { ...state, entries, lanes: withLane(state.lanes, cid, { expects }) },
    failed,
    'to keep',
  )
  const mark: OutboxEffect[] = marks.length > 0 ? [{ type: 'mark', marks }] : []
  return { state: step.state, effects: [...frames(items, limits), ...mark, ...step.effects] }
}

/** The socket does not know the client id: declares it, or says hello again where it is full, or only a verdict can tell what has run. */
function declare(state: OutboxState, cid: string, writes: readonly Entry[], at: number): OutboxStep {
  const { lanes, entries, limits } = state
  // Marks come first: a number that is not kept would be gone with the socket.
  if (writes[0]?.mark === 'none') return push(state, cid, writes, at)
  const now = serverNow(state, at) ?? 0
  const mayBeSwept = writes.some((entry) => entry.tried === 'before' && !isRecent(entry, now))
  if (mayBeSwept || declaredCids(lanes) >= limits.cidsPerHello) {
    const reason = 'more client ids have writes than one hello declares'
    return { state, effects: [{ type: 'redial', code: CloseCode.silence, reason }] }
  }
  const seen = seenThrough(lanes, entries)(cid)
  const step = push({ ...state, lanes: withLane(lanes, cid, { link: 'declared' }) }, cid, writes, at)
  return {
    state: step.state,
    effects: [{ type: 'send', frame: { type: 'open', cids: [{ cid, seen }] } }, ...step.effects],
  }
}

/** Acknowledges, then sends everything that may be sent. */
export function flush(before: OutboxState, { fresh, at }: EventOf<'flush'>): OutboxStep {
  const { state, effects } = acknowledge(before)
  const writes = due(state.entries)
  const [first] = writes
  if (!first || writes.every(({ stage }) => stage.is === 'sent')) return { state, effects }
  const { cid } = first.number
  const step = {
    declared: () => push(state, cid, writes, at),
    undeclared: () => declare(state, cid, writes, at),
    spent: () => abandon(state, cid, fresh),
  }[laneOf(state.lanes, cid).link]()
  return { state: step.state, effects: [...effects, ...step.effects] }
}

import { absent, adopted, elsewhere, withdrawing, withdrawn } from './adopt-steps.ts'
import { close } from './close-step.ts'
import { flush } from './flush-step.ts'
import { marked, rested, unmarked, unmarkedWhileLive } from './mark-steps.ts'
import type { EventOf, OutboxEvent } from './outbox-event.ts'
import type { OutboxPhase, OutboxState, OutboxStep } from './outbox-state.ts'
import { enqueued, enqueuedClosed, stored, unstored } from './put-steps.ts'
import { refused, refusedWhileResting } from './refusal-steps.ts'
import { forgotten, joining, receipts } from './settle-steps.ts'
import { lose, reconcile, welcome } from './verdict-steps.ts'

type Row = { readonly [T in OutboxEvent['type']]: (state: OutboxState, event: EventOf<T>) => OutboxStep }

const ignore = (state: OutboxState): OutboxStep => ({ state, effects: [] })

const OPEN = {
  enqueued,
  stored,
  unstored,
  marked,
  unmarked,
  adopted,
  elsewhere,
  absent,
  withdrawing,
  withdrawn,
  forgotten,
  welcome,
  receipts,
  joining,
  closed: close,
}

const TABLE: { readonly [P in OutboxPhase]: Row } = {
  down: { ...OPEN, live: ignore, refused: ignore, flush: ignore, rested: ignore, lost: ignore },
  resuming: { ...OPEN, live: reconcile, refused: ignore, flush: ignore, rested: ignore, lost: lose },
  live: {
    ...OPEN,
    unmarked: unmarkedWhileLive,
    live: ignore,
    refused,
    flush,
    rested: ignore,
    lost: lose,
  },
  resting: { ...OPEN, live: ignore, refused: refusedWhileResting, flush: ignore, rested, lost: lose },
  closed: {
    enqueued: enqueuedClosed,
    stored: ignore,
    unstored: ignore,
    marked: ignore,
    unmarked: ignore,
    adopted: ignore,
    elsewhere: ignore,
    absent: ignore,
    withdrawing: ignore,
    withdrawn: ignore,
    forgotten: ignore,
    welcome: ignore,
    live: ignore,
    receipts: ignore,
    joining: ignore,
    refused: ignore,
    flush: ignore,
    rested: ignore,
    lost: ignore,
    closed: ignore,
  },
}

/** The next state and what to do now. An event that changes nothing returns the same state. */
export function outboxStep(state: OutboxState, event: OutboxEvent): OutboxStep {
  const cell = TABLE[state.phase][event.type] as (state: OutboxState, event: OutboxEvent) => OutboxStep
  return cell(state, event)
}

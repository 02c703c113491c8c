import type { Draft, Entry } from './entry.ts'
import type { Lanes } from './lane.ts'
import type { OutboxEffect, OutboxLimits, Welcomed } from './outbox-event.ts'

/**
 * The writes that the server has not confirmed, of this page and of all others that share the storage, in the order in which they were
 * kept.
 *
 * down      nothing can be sent: there is no socket, or another tab has it.
 * resuming  welcomed; the pass that answers hello is arriving. Its receipts settle writes, nothing may be sent.
 * live      writes are pushed, at the end of the tick that made them.
 * resting   live, but there is a pause: the server asked for it, or the storage could not keep a mark.
 * closed    for good.
 *
 * Laws. A write has its client id and number before it is kept, and they never change while the server may run it under them; a number
 * is never given twice. A write is sent only when it is kept, and when it is kept that it may have been sent. A write waits until those
 * before it are decided that have another client id. A number without a write is skipped. A write whose answer may be lost is settled
 * only by what the server remembers of it. No write is settled by time.
 *
 * event →    enqueued stored  unstored marked  unmarked adopted  elsewhere absent forgotten withdrawing withdrawn
 * down       put      queue   fail     note    queue    add      settle    settle note      hold        settle
 * resuming   put      queue   fail     note    queue    add      settle    settle note      hold        settle
 * live       put      queue,  fail     note,   queue,   add,     settle    settle note,     hold        settle,
 *                     ask              ask     resting  ask                       ask                   ask
 * resting    put      queue   fail     note    queue    add      settle    settle note      hold        settle
 * closed     fail     ·       ·        ·       ·        ·        ·         ·      ·         ·           ·
 *
 * event →    welcome   live       receipts  joining  refused    flush  rested  lost   closed
 * down       resuming  ·          settle    release  ·          ·      ·       ·      tell all
 * resuming   resuming  reconcile  settle    release  ·          ·      ·       down   tell all
 *                      → live
 * live       resuming  ·          settle    release  rewind,    push   ·       down   tell all
 *                                                    resting
 * resting    resuming  ·          settle    release  rewind     ·      live    down   tell all
 * closed     ·         ·          ·         ·        ·          ·      ·       ·      ·
 */
export type OutboxPhase = 'down' | 'resuming' | 'live' | 'resting' | 'closed'

export interface OutboxState {
  readonly phase: OutboxPhase
  /** Under which client id new writes are numbered, and the next number; null until one is needed. */
  readonly own: { readonly cid: string; readonly next: number } | null
  /** Made, and waiting for the storage to have kept those before: they have no number yet. */
  readonly waiting: readonly Draft[]
  /** Whether the storage has yet to say of a batch that it is kept; what is in it may be settled before. */
  readonly putting: boolean
  /** Kept writes in the order of the storage, then those that are being kept. */
  readonly entries: readonly Entry[]
  readonly lanes: Lanes
  /** Collections that are about to get rows by a join. */
  readonly joining: ReadonlySet<string>
  readonly welcomed: Welcomed | null
  readonly limits: OutboxLimits
  /** One moment by the server's clock and by ours, in milliseconds. */
  readonly clocks: { readonly server: number; readonly local: number } | null
  /** When an outcome last arrived, in milliseconds. */
  readonly heardAt: number
}

export interface OutboxStep {
  readonly state: OutboxState
  readonly effects: readonly OutboxEffect[]
}

export const outboxStart = (limits: OutboxLimits): OutboxState => ({
  phase: 'down',
  own: null,
  waiting: [],
  putting: false,
  entries: [],
  lanes: new Map(),
  joining: new Set(),
  welcomed: null,
  limits,
  clocks: null,
  heardAt: 0,
})

/** Since when the server owes an outcome, in milliseconds; null when it owes none. */
export function outboxWaitsSince(state: OutboxState): number | null {
  let oldest: number | null = null
  for (const { stage } of state.entries) {
    if (stage.is === 'sent') oldest = Math.min(oldest ?? stage.at, stage.at)
  }
  // One outcome after another is progress, however long the queue.
  return oldest === null ? null : Math.max(oldest, state.heardAt)
}

import { ProtocolError } from '../errors.ts'
import type { Observe } from '../observer/observe.ts'
import { observeOutbox, observeWrites } from '../observer/observe-outbox.ts'
import type { NewFailure, StoredFailure, StoredWrite } from '../persistence/room-storage.ts'
import type { FailedWrites } from '../status/failed-writes.ts'
import type { PendingWrites } from '../status/pending-writes.ts'
import { createReadable, deriveReadable, type Readable } from '../status/readable.ts'
import type { ClientFrame, HelloFrame, Receipt, RefusedFrame, WelcomeFrame } from '../wire/index.ts'
import { cidClaims } from './cid-claims.ts'
import { type Draft, isUnsent, UNPLACED, type Work } from './entry.ts'
import { type KeptSurroundings, KeptWrites } from './kept-writes.ts'
import { REST_MS } from './mark-steps.ts'
import type {
  Ending,
  OutboxEffect,
  OutboxEvent,
  OutboxLimits,
  PutTerms,
  ResultOf,
  Settled,
} from './outbox-event.ts'
import { type OutboxState, outboxStart, outboxWaitsSince } from './outbox-state.ts'
import { outboxStep } from './outbox-transitions.ts'
import { type PendingParts, pendingView } from './pending-view.ts'
import { SettledIds } from './settled-ids.ts'
import { draftOf, entryOf, type HeardBy } from './stored-entry.ts'
import { Waiters } from './waiters.ts'
import {
  CLOSED,
  CLOSED_KEPT,
  CONFIRMED,
  failureError,
  failureResult,
  storageFailed,
  type WriteResult,
} from './write-result.ts'
import type { Written } from './written.ts'

/** What the outbox needs and whom it tells. All calls but the keeper's are synchronous. */
export interface OutboxSurroundings extends KeptSurroundings {
  /** A new random id. */
  readonly randomId: () => string
  /** Runs `task` after `ms` milliseconds. */
  readonly later: (task: () => void, ms: number) => void
  readonly limits: OutboxLimits
  /**
   * Whether this tab is the one that sends, socket or not, and has read since what other tabs have marked: nobody else knows what was sent.
   * Default: it is, there are no others.
   */
  readonly leads?: () => boolean
  /** Whether another tab has a socket, and sends at once what is kept now. */
  readonly willSend: () => boolean
  readonly send: (frame: ClientFrame) => void
  readonly redial: (code: number, reason: string) => void
  /** Writes that were kept have ended; called once for all that ended together, before their promises and the storage hear of it. */
  readonly settled: (settled: readonly Settled[]) => void
  readonly observe?: Observe | undefined
  /** After every event: whether anything is pending or unanswered may have changed. */
  readonly stepped: () => void
}

/**
 * Runs the outbox's machine: takes writes in, keeps them, sends them when it may, and settles each exactly once. It holds the pending
 * writes of every tab. In a tab without a socket it is never welcomed, and hears from the others how writes ended.
 */
export class Outbox {
  /** Everything that is not settled. */
  readonly pending: Readable<PendingWrites>
  readonly failed: Readable<FailedWrites>
  readonly #around: OutboxSurroundings
  readonly #kept: KeptWrites
  readonly #waiters = new Waiters()
  readonly #done = new SettledIds()
  /** Those of them that the storage still had when it was last read. */
  readonly #left = new Set<string>()
  readonly #parts = createReadable<PendingParts>({ entries: [], waiting: [], drafts: [] })
  readonly #queue: OutboxEvent[] = []
  /** What this tick wrote. */
  #drafts: Draft[] = []
  #state: OutboxState
  /** Being kept when this was closed, for whoever opens the storage next; nobody was told yet. */
  readonly #owed = new Set<string>()
  #running = false
  #flushing: Promise<void> | undefined

  constructor(around: OutboxSurroundings) {
    this.#around = around
    this.#state = outboxStart(around.limits)
    this.pending = deriveReadable(this.#parts, pendingView)
    this.#kept = new KeptWrites(around, {
      stored: (entries, ords) => {
        if (around.observe) observeWrites(around.observe, 'stored', entries)
        for (const { id } of entries) this.#waiters.kept(id, ords.get(id) ?? UNPLACED)
        if (this.#state.phase === 'closed') this.#keptAfterClose([...ords.keys()])
        this.#handle({ type: 'stored', ords, ...this.#terms() })
      },
      unstored: (message, ids) => {
        for (const id of ids) if (this.#owed.delete(id)) this.#waiters.settle(id, storageFailed(message))
        this.#handle({ type: 'unstored', message, ...this.#terms() })
      },
      marked: (marks) => this.#handle({ type: 'marked', marks }),
      unmarked: (marks) => this.#handle({ type: 'unmarked', marks }),
      forgotten: (numbers) => this.#handle({ type: 'forgotten', numbers }),
    })
    this.failed = this.#kept.failed
  }

  /** How many writes are not settled. */
  get size(): number {
    return this.#state.entries.length + this.#state.waiting.length + this.#drafts.length
  }

  /** Since when an outcome is owed, in milliseconds; null when none is. */
  get waitsSince(): number | null {
    return outboxWaitsSince(this.#state)
  }

  /** The outbox's part of a hello. */
  get claims(): HelloFrame['cids'] {
    return cidClaims(this.#state)
  }

  /**
   * Queues `work`. `before`: the rows before it, one for each operation; null where there was none.
   * @throws MutationRejectedError, ProtocolError, OutcomeUnknownError or ConnectionError, by rejecting.
   */
  write(work: Work, before?: Draft['before']): Written {
    return this.#take({ id: this.#around.randomId(), work, before, replaces: null })
  }

  /**
   * Writes the same again, as a new write in the place of the failed one.
   * @throws ProtocolError `failed-write-unknown` or `write-unreadable`.
   */
  retry(id: string): Written {
    const failure = this.#kept.failure(id)
    if (!failure) throw new ProtocolError('failed-write-unknown', 'There is no such failed write')
    if (!failure.work)
      throw new ProtocolError('write-unreadable', 'The write cannot be read any more, only discarded')
    const again = this.#around.randomId()
    this.#kept.retry(again, failure)
    return this.#take({ id: again, work: failure.work, before: failure.before, replaces: id })
  }

  /** Lets go of a failed write. Resolves when that is durable. */
  discard(id: string): Promise<void> {
    return this.#kept.discard(id)
  }

  /** Undefined when it is not this page's, or long known. */
  whenStored(id: string): Promise<number> | undefined {
    return this.#waiters.stored(id)
  }

  /**
   * Takes back a write that was never sent; resolves when that is durable, and the write's own promise rejects with `discarded`.
   * @throws ProtocolError `write-sent`, by rejecting, when it may have been sent, as far as this tab knows, or is settled.
   */
  async discardPending(id: string): Promise<void> {
    await this.#waiters.stored(id)
    const entry = this.#state.entries.find((each) => each.id === id)
    const leads = this.#around.leads?.() ?? true
    if (!entry || !isUnsent(entry) || !leads)
      throw new ProtocolError('write-sent', 'The write may have been sent, and cannot be taken back any more')
    this.#handle({ type: 'withdrawing', id })
    // Until it is kept the write is neither sent nor gone: who says that it failed does not say that it did not happen.
    while ((await this.#kept.withdraw(entry)) === 'not kept') {
      await new Promise<void>((resolve) => this.#around.later(resolve, REST_MS))
      if (this.#state.phase === 'closed') throw failureError(CLOSED)
    }
    this.#handle({ type: 'withdrawn', id })
  }

  /**
   * Takes up kept writes: of the storage, or of a tab that has just kept them. What is known is only brought up to date. Law: those of
   * one client id are handed in without gaps; a number that is missing below another was settled, and is skipped. Returns those that are
   * pending: what was settled here may not have left the storage yet.
   */
  adopt(writes: readonly StoredWrite[], heard: HeardBy = 'read'): readonly StoredWrite[] {
    // A tab that slept may still tell of one that has failed, or was taken back.
    const pending = writes.filter(({ id }) => !this.#done.has(id) && !this.#kept.hasFailed(id))
    for (const { id } of writes) if (heard === 'read' && this.#done.has(id)) this.#left.add(id)
    const entries = pending.map((write) => entryOf(write, heard))
    if (entries.length > 0) this.#handle({ type: 'adopted', entries })
    return pending
  }

  /** How those of `writes` ended that were settled here, for a tab that has not heard of it. What a command returned is not known any more. */
  endingsOf(writes: readonly StoredWrite[]): readonly ResultOf[] {
    return writes.flatMap(({ id }) => {
      const failure = this.#kept.ended(id)
      if (failure) return [{ id, result: failureResult(failure) }]
      return this.#done.has(id) ? [{ id, result: CONFIRMED }] : []
    })
  }

  /** The pending writes that are kept, for tabs that do not know them. */
  kept(): readonly StoredWrite[] {
    return this.#kept.writes(this.#state.entries)
  }

  /** The failed writes, for tabs that do not know them. */
  failures(): readonly StoredFailure[] {
    return this.#kept.failures()
  }

  /** The failed writes that are in the storage, as far as this tab knows. */
  keptFailures(): readonly string[] {
    return this.#kept.keptFailures()
  }

  /** Takes up the failed writes of the storage, or of another tab. */
  adoptFailed(failures: readonly NewFailure[]): void {
    this.#kept.adoptFailed(failures)
  }

  /** Failed writes that another tab has discarded or tried again. */
  failedGone(ids: readonly string[]): void {
    this.#kept.failedGone(ids)
  }

  /** Another tab has heard how these ended, and has seen to the storage. */
  settledElsewhere(results: readonly ResultOf[]): void {
    this.#done.add(results.map(({ id }) => id))
    this.#handle({ type: 'elsewhere', results })
  }

  /** These were kept, the storage no longer has them, and this tab has not heard why; `failed` is what it has of failed writes. */
  gone(ids: readonly string[], failed: readonly StoredFailure[]): void {
    this.#handle({ type: 'absent', ids, failed })
  }

  welcome(frame: WelcomeFrame): void {
    this.#handle({ type: 'welcome', frame, at: this.#around.now() })
  }

  live(): void {
    this.#handle({ type: 'live', at: this.#around.now() })
    // A tab that had the socket before may have died before it could keep how they ended.
    this.#kept.forgetAgain([...this.#left])
    this.#left.clear()
  }

  receipts(receipts: readonly Receipt[]): void {
    this.#handle({ type: 'receipts', receipts, at: this.#around.now() })
  }

  joining(collections: ReadonlySet<string>): void {
    this.#handle({ type: 'joining', collections })
  }

  refused(frame: RefusedFrame): void {
    if (frame.re === 'push') this.#handle({ type: 'refused', frame })
  }

  lose(): void {
    this.#handle({ type: 'lost', at: this.#around.now() })
  }

  /** Says no more. What is kept stays kept, for whoever opens the storage next; `outlives` says whether anybody will find it there. */
  close(outlives: boolean): void {
    this.#enter()
    if (outlives)
      for (const { id, stage } of this.#state.entries) if (stage.is === 'storing') this.#owed.add(id)
    this.#handle({ type: 'closed', outlives })
  }

  /** Together with the rest of the tick: one transaction, and one frame. */
  #take(write: Omit<Draft, 'bytes' | 'queuedAt'>): Written {
    const written = this.#waiters.add(write.id)
    this.#drafts.push(draftOf({ ...write, queuedAt: this.#around.now() }))
    if (this.#drafts.length === 1) queueMicrotask(() => this.#enter())
    this.#show()
    return written
  }

  #enter(): void {
    const drafts = this.#drafts
    this.#drafts = []
    if (drafts.length > 0) this.#handle({ type: 'enqueued', drafts, ...this.#terms() })
  }

  #terms(): PutTerms {
    const { randomId, willSend } = this.#around
    return { fresh: randomId(), willSend: this.#state.phase === 'live' || willSend() }
  }

  #handle(event: OutboxEvent): void {
    const { observe } = this.#around
    this.#queue.push(event)
    if (this.#running) return
    this.#running = true
    try {
      for (let next = this.#queue.shift(); next; next = this.#queue.shift()) {
        const before = this.#state
        const step = outboxStep(before, next)
        this.#state = step.state
        if (observe) observeOutbox(observe, before, step)
        for (const effect of step.effects) this.#run(effect)
        this.#show()
      }
    } finally {
      this.#running = false
    }
  }

  #show(): void {
    const { entries, waiting } = this.#state
    this.#parts.set({ entries, waiting, drafts: this.#drafts })
    this.#around.stepped()
  }

  #run(effect: OutboxEffect): void {
    switch (effect.type) {
      case 'send':
        this.#around.send(effect.frame)
        break
      case 'settle':
        this.#settle(effect.settled, effect.ending)
        break
      case 'refuse':
        this.#refuse(effect.id, effect.result)
        break
      case 'put':
        this.#kept.put(effect.entries)
        break
      case 'mark':
        this.#kept.mark(effect.marks)
        break
      case 'flush-soon':
        this.#flushSoon()
        break
      case 'rest':
        this.#around.later(() => this.#handle({ type: 'rested' }), effect.ms)
        break
      case 'redial':
        this.#around.redial(effect.code, effect.reason)
        break
      default:
        effect satisfies never
    }
  }

  #settle(settled: readonly Settled[], ending: Ending): void {
    this.#done.add(settled.map(({ entry }) => entry.id))
    try {
      this.#around.settled(settled)
    } catch (error) {
      this.#around.report(error)
    }
    for (const { entry, result } of settled) this.#waiters.settle(entry.id, result)
    this.#kept.settled(settled, ending)
  }

  #keptAfterClose(ids: readonly string[]): void {
    // The application of the others was told that they were not sent.
    const told = ids.filter((id) => !this.#owed.has(id))
    if (told.length > 0) this.#kept.forget({ ids: told, failures: [] })
    for (const id of ids) if (this.#owed.delete(id)) this.#waiters.settle(id, CLOSED_KEPT)
  }

  #refuse(id: string, result: WriteResult): void {
    this.#kept.refused(id)
    // If it was kept after all, it is not to be found by this page.
    this.#done.add([id])
    this.#waiters.settle(id, result)
  }

  /** In a microtask and not in a timer: hidden pages get their timers once a second, and a write must not wait for that. */
  #flushSoon(): void {
    this.#flushing ??= Promise.resolve().then(() => {
      this.#flushing = undefined
      this.#handle({ type: 'flush', fresh: this.#around.randomId(), at: this.#around.now() })
    })
  }
}

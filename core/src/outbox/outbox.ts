import type { Storage } from '../persistence/storage.ts'
import type { PendingWrites } from '../status/pending-writes.ts'
import { createReadable, deriveReadable, type Readable } from '../status/readable.ts'
import type { ClientFrame, HelloFrame, Receipt, RefusedFrame, WelcomeFrame } from '../wire/index.ts'
import { cidClaims } from './cid-claims.ts'
import { type Work, workBytes } from './entry.ts'
import type { OutboxEffect, OutboxEvent, OutboxLimits } from './outbox-event.ts'
import { type OutboxState, outboxStart, outboxStep, outboxWaitsSince } from './outbox-state.ts'
import { pendingView } from './pending-view.ts'
import { failureError, type WriteResult } from './write-result.ts'

/** What the outbox needs and whom it tells. All calls are synchronous. */
export interface OutboxSurroundings {
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** A new random id. */
  readonly randomId: () => string
  /** Runs `task` after `ms` milliseconds. */
  readonly later: (task: () => void, ms: number) => void
  readonly storage: Storage
  readonly limits: OutboxLimits
  readonly send: (frame: ClientFrame) => void
  readonly redial: (code: number, reason: string) => void
  /** After every event: whether anything is pending or unanswered may have changed. */
  readonly stepped: () => void
  readonly report: (error: unknown) => void
}

interface Waiter {
  readonly resolve: (result: unknown) => void
  readonly reject: (error: unknown) => void
}

/** Runs the outbox's machine: takes writes in, sends them when it may, and settles each exactly once. */
export class Outbox {
  /** Everything that is not settled. */
  readonly pending: Readable<PendingWrites>
  readonly #around: OutboxSurroundings
  readonly #waiters = new Map<string, Waiter>()
  readonly #entries = createReadable<OutboxState['entries']>([])
  readonly #queue: OutboxEvent[] = []
  #state: OutboxState
  #running = false
  #flushing: Promise<void> | undefined

  constructor(around: OutboxSurroundings) {
    this.#around = around
    this.#state = outboxStart(around.randomId(), around.limits)
    this.pending = deriveReadable(this.#entries, pendingView)
  }

  /** How many writes are not settled. */
  get size(): number {
    return this.#state.entries.length
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
   * Queues `work`. Resolves with the result of a command, or undefined, once the server has confirmed and the collections have the rows.
   * @throws MutationRejectedError, ProtocolError, OutcomeUnknownError or ConnectionError, by rejecting.
   */
  write(work: Work): Promise<unknown> {
    const id = this.#around.randomId()
    return new Promise((resolve, reject) => {
      this.#waiters.set(id, { resolve, reject })
      this.#handle({ type: 'enqueued', id, work, bytes: workBytes(work), at: this.#around.now() })
    })
  }

  welcome(frame: WelcomeFrame): void {
    this.#handle({ type: 'welcome', frame, at: this.#around.now() })
  }

  live(): void {
    this.#handle({ type: 'live', fresh: this.#around.randomId(), at: this.#around.now() })
  }

  receipts(receipts: readonly Receipt[]): void {
    this.#handle({ type: 'receipts', receipts, at: this.#around.now() })
  }

  joining(collections: ReadonlySet<string>): void {
    this.#handle({ type: 'joining', collections })
  }

  refused(frame: RefusedFrame): void {
    if (frame.re === 'push') this.#handle({ type: 'refused', frame, fresh: this.#around.randomId() })
  }

  lose(): void {
    this.#handle({ type: 'lost', at: this.#around.now() })
  }

  close(): void {
    this.#handle({ type: 'closed' })
  }

  #handle(event: OutboxEvent): void {
    this.#queue.push(event)
    if (this.#running) return
    this.#running = true
    try {
      for (let next = this.#queue.shift(); next; next = this.#queue.shift()) {
        const step = outboxStep(this.#state, next)
        this.#state = step.state
        for (const effect of step.effects) this.#run(effect)
        this.#entries.set(step.state.entries)
        this.#around.stepped()
      }
    } finally {
      this.#running = false
    }
  }

  #run(effect: OutboxEffect): void {
    switch (effect.type) {
      case 'send':
        this.#around.send(effect.frame)
        break
      case 'settle':
        this.#settle(effect.id, effect.result)
        break
      case 'store':
        this.#store(effect.id)
        break
      case 'forget':
        this.#forget(effect.ids)
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

  #settle(id: string, result: WriteResult): void {
    const waiter = this.#waiters.get(id)
    this.#waiters.delete(id)
    if (result.is === 'confirmed') waiter?.resolve(result.result)
    else waiter?.reject(failureError(result))
  }

  #store(id: string): void {
    const entry = this.#state.entries.find((each) => each.id === id)
    if (!entry) return
    // Within an async function: a storage of the application's may also throw before it returns a promise.
    const put = async () => this.#around.storage.putWrite({ id, work: entry.work, queuedAt: entry.queuedAt })
    put().then(
      () => this.#handle({ type: 'stored', id }),
      (error: unknown) => this.#handle({ type: 'unstored', id, message: String(error) }),
    )
  }

  #forget(ids: readonly string[]): void {
    const forget = async () => this.#around.storage.deleteWrites(ids)
    forget().catch(this.#around.report)
  }

  /** In a microtask and not in a timer: hidden pages get their timers once a second, and a write must not wait for that. */
  #flushSoon(): void {
    this.#flushing ??= Promise.resolve().then(() => {
      this.#flushing = undefined
      this.#handle({ type: 'flush', at: this.#around.now() })
    })
  }
}

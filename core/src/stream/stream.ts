import { ProtocolError } from '../errors.ts'
import type { Observe } from '../observer/observe.ts'
import { observeStream } from '../observer/observe-stream.ts'
import { IDLE, LIVE, LOADING } from '../status/collection-sync-state.ts'
import type {
  ClientFrame,
  HelloFrame,
  Receipt,
  ServerFrame,
  SubscriptionSpec,
  WelcomeFrame,
} from '../wire/index.ts'
import { helloSubscriptions } from './hello-subscriptions.ts'
import type { RowPart, RowSink } from './row-commit.ts'
import type { HeldFrom, StreamEffect, StreamEvent } from './stream-event.ts'
import type { Keeping, StreamKeeper } from './stream-keeper.ts'
import {
  heldOf,
  joinedSubs,
  joiningCollections,
  STREAM_START,
  type StreamState,
  streamWaitsSince,
} from './stream-state.ts'
import { streamStep } from './stream-transitions.ts'
import type { Refusal, Subscription } from './subscription.ts'

/** What the stream needs and whom it tells. All calls are synchronous. */
export interface StreamSurroundings {
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly send: (frame: ClientFrame) => void
  readonly redial: (code: number, reason: string) => void
  /** Receipts whose changes have been handed to the collections. */
  readonly receipts: (receipts: readonly Receipt[]) => void
  /** Everybody may send from here on. */
  readonly live: () => void
  /** Runs `task` after `ms` milliseconds, unless what is returned is called before. */
  readonly later: (task: () => void, ms: number) => () => void
  /** After every event: what waits for a join, and whether anything is mounted, may have changed. */
  readonly stepped: () => void
  readonly observe?: Observe | undefined
  /** Keeps what moves; undefined when nothing outlives the page. */
  readonly keeper?: StreamKeeper | undefined
  /** An application's listener threw; nothing here may suffer from it. */
  readonly report: (error: unknown) => void
}

/** One mounted subscription. */
export interface Subscribed {
  /** Of a window: another number of rows is wanted. */
  resize(limit: number): void
  /** Ends it; may be called twice. */
  end(): void
}

/** One that can be taken over by another stream. */
export interface Movable extends Subscribed {
  /** Where the rows are that the sink was given; null when there are none, or when that is not known. */
  held(): HeldFrom | null
}

interface Mounted {
  readonly sink: RowSink
  /** The sync state told last. */
  told: string
}

const NOT_KEPT: Keeping = { syncMode: 'eager', rows: 'none' }

/** Runs the stream's machine: hands frames in, and rows, receipts and requests out. */
export class Stream {
  readonly #around: StreamSurroundings
  readonly #mounted = new Map<number, Mounted>()
  readonly #retries = new Map<number, () => void>()
  readonly #queue: StreamEvent[] = []
  #state: StreamState = STREAM_START
  #running = false
  #nextSub = 1

  constructor(around: StreamSurroundings) {
    this.#around = around
  }

  /** How many subscriptions there are. */
  get size(): number {
    return this.#mounted.size
  }

  /** Collections whose rows are about to be joined. */
  get joining(): ReadonlySet<string> {
    return joiningCollections(this.#state)
  }

  /** Since when an answer is owed, in milliseconds; null when none is. */
  get waitsSince(): number | null {
    return streamWaitsSince(this.#state)
  }

  /** When the answer to anything that was asked last made progress, in milliseconds; 0 before the first. */
  get heardAt(): number {
    return this.#state.heardAt
  }

  /**
   * Subscribes `sink` to the rows that `spec` says. The limit of its window is how many rows are wanted; somewhat more will be held.
   * `held` are rows that the sink was given already.
   */
  mount(
    spec: SubscriptionSpec,
    sink: RowSink,
    held: HeldFrom | null = null,
    keeping: Keeping = NOT_KEPT,
  ): Movable {
    const sub = this.#nextSub++
    this.#mounted.set(sub, { sink, told: '' })
    this.#around.keeper?.mounted(sub, spec, keeping)
    this.#handle({ type: 'mounted', sub, spec, held, at: this.#around.now() })
    return {
      resize: (limit) => {
        if (this.#mounted.has(sub)) this.#handle({ type: 'resized', sub, limit, at: this.#around.now() })
      },
      end: () => {
        if (!this.#mounted.delete(sub)) return
        this.#cancelRetry(sub)
        this.#handle({ type: 'unmounted', sub })
        this.#around.keeper?.ended(sub)
        sink.state(IDLE)
      },
      held: () => heldOf(this.#state, sub),
    }
  }

  /** The stream's part of the hello for a socket that has just opened. */
  greet(): Pick<HelloFrame, 'at' | 'subs'> {
    this.#handle({ type: 'greeted' })
    return { at: this.#state.position, subs: helloSubscriptions(this.#state.subs) }
  }

  welcome(frame: WelcomeFrame): void {
    this.#handle({ type: 'welcome', frame, at: this.#around.now() })
  }

  receive(frame: ServerFrame): void {
    const at = this.#around.now()
    switch (frame.type) {
      case 'changes':
        this.#handle({ type: 'changes', frame, at })
        break
      case 'chunk':
        this.#handle({ type: 'chunk', frame, at })
        break
      case 'next':
        this.#handle({ type: 'next', frame, at })
        break
      case 'joined':
        this.#handle({ type: 'joined', frame, at })
        break
      case 'page':
        this.#handle({ type: 'page', frame, at })
        break
      case 'restart':
        this.#handle({ type: 'restart', frame, at })
        break
      case 'refused':
        this.#handle({ type: 'refused', frame, at })
        break
    }
  }

  lose(): void {
    for (const sub of [...this.#retries.keys()]) this.#cancelRetry(sub)
    this.#handle({ type: 'lost' })
  }

  /** Another stream takes over what is mounted: nobody is told anything any more. */
  abandon(): void {
    this.lose()
    this.#mounted.clear()
  }

  /** For good. Collections that wait for their first rows are told that none will come. */
  close(): void {
    this.#handle({ type: 'closed' })
    for (const sub of [...this.#mounted.keys()]) this.#tell(sub, (sink) => sink.closed())
  }

  /** Events that arise while effects run, by a listener that mounts or a redial that loses the socket, wait for their turn. */
  #handle(event: StreamEvent): void {
    const { observe } = this.#around
    this.#queue.push(event)
    if (this.#running) return
    this.#running = true
    try {
      for (let next = this.#queue.shift(); next; next = this.#queue.shift()) {
        const before = this.#state
        const step = streamStep(before, next)
        this.#state = step.state
        if (observe) observeStream(observe, before, step)
        for (const effect of step.effects) this.#run(effect)
        this.#tellStates()
        // Only now: a write may retire when the rows of the join have been handed on, not when the join is known to have ended.
        this.#around.stepped()
      }
    } finally {
      this.#running = false
    }
  }

  #run(effect: StreamEffect): void {
    switch (effect.type) {
      case 'send':
        this.#around.send(effect.frame)
        break
      case 'apply':
        this.#apply(effect.commits)
        break
      case 'passed':
        this.#around.keeper?.passed(effect, joinedSubs(this.#state))
        break
      case 'joined':
        this.#around.keeper?.joined(effect)
        break
      case 'extended':
        this.#around.keeper?.extended(effect)
        break
      case 'emptied':
        this.#around.keeper?.emptied(effect.sub)
        break
      case 'ready':
        this.#tell(effect.sub, (sink) => sink.ready())
        break
      case 'refuse':
        this.#tell(effect.sub, (sink) => sink.refuse(refusalError(effect.refusal), effect.rows))
        break
      case 'retry-later':
        this.#retryLater(effect.sub, effect.ms)
        break
      case 'receipts':
        this.#around.receipts(effect.receipts)
        break
      case 'live':
        this.#around.live()
        break
      case 'redial':
        this.#around.redial(effect.code, effect.reason)
        break
      default:
        effect satisfies never
    }
  }

  /** Each collection gets its part of the frame at once, however many of its subscriptions the frame speaks of. */
  #apply(commits: Extract<StreamEffect, { type: 'apply' }>['commits']): void {
    const groups = new Map<RowSink['group'], (RowPart & { readonly sub: number })[]>()
    for (const { sub, commit } of commits) {
      const sink = this.#mounted.get(sub)?.sink
      if (!sink) continue
      const parts = groups.get(sink.group)
      if (parts) parts.push({ sub, sink, commit })
      else groups.set(sink.group, [{ sub, sink, commit }])
    }
    for (const [group, parts] of groups) {
      this.#guard(() => {
        const { measures, thrown } = group.apply(parts)
        for (const [i, { sub }] of parts.entries()) {
          const measure = measures[i]
          if (measure) this.#handle({ type: 'measured', sub, measure, at: this.#around.now() })
        }
        if (thrown) throw thrown.error
      })
    }
  }

  #retryLater(sub: number, ms: number): void {
    this.#cancelRetry(sub)
    const retry = () => {
      this.#retries.delete(sub)
      this.#handle({ type: 'retry', sub, at: this.#around.now() })
    }
    this.#retries.set(sub, this.#around.later(retry, ms))
  }

  #cancelRetry(sub: number): void {
    this.#retries.get(sub)?.()
    this.#retries.delete(sub)
  }

  #tell(sub: number, say: (sink: RowSink) => void): void {
    const mounted = this.#mounted.get(sub)
    if (mounted) this.#guard(() => say(mounted.sink))
  }

  /** One collection's listener that throws must not keep the others of the same frame from their rows. */
  #guard(say: () => void): void {
    try {
      say()
    } catch (error) {
      this.#around.report(error)
    }
  }

  #tellStates(): void {
    for (const [id, mounted] of this.#mounted) {
      const sub = this.#state.subs.get(id)
      const phase = sub && syncPhase(this.#state, sub)
      if (!phase || phase === mounted.told) continue
      mounted.told = phase
      this.#tell(id, (sink) => {
        if (phase === 'loading') sink.state(LOADING)
        else if (phase === 'live') sink.state(LIVE)
        else if (phase === 'stale') sink.state({ phase, since: this.#around.now() })
        else if (sub.refusal) sink.state({ phase, error: refusalError(sub.refusal) })
      })
    }
  }
}

function syncPhase(state: StreamState, sub: Subscription): 'error' | 'live' | 'loading' | 'stale' {
  if (sub.phase.is === 'joined' && state.phase === 'live') return 'live'
  if (sub.refusal) return 'error'
  return sub.rows ? 'stale' : 'loading'
}

const refusalError = ({ code, message }: Refusal) => new ProtocolError(code, message)

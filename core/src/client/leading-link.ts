import type { Observe } from '../observer/observe.ts'
import type { Outbox } from '../outbox/outbox.ts'
import { Session } from '../session/session.ts'
import type { SessionTimings } from '../session/session-timings.ts'
import type { ConnectionStatus } from '../status/connection-status.ts'
import type { Readable } from '../status/readable.ts'
import type { RowSink } from '../stream/row-commit.ts'
import { type Movable, Stream } from '../stream/stream.ts'
import type { HeldFrom } from '../stream/stream-event.ts'
import type { Keeping, StreamKeeper } from '../stream/stream-keeper.ts'
import type { Transport } from '../transport/transport.ts'
import { CloseCode } from '../wire/close-code.ts'
import type { HelloFrame, ServerFrame, SubscriptionSpec, WelcomeFrame } from '../wire/index.ts'
import { PROTOCOL_VERSION } from '../wire/version.ts'
import type { Environment } from './environment.ts'
import type { RoomLink } from './room-link.ts'
import { SilenceWatch } from './silence-watch.ts'

export interface LeadingLinkOptions {
  readonly transport: Transport
  readonly environment: Environment
  readonly timings: Partial<SessionTimings>
  /** Whose rows and writes these are; undefined when that is for the first welcome to say. */
  readonly principal: string | undefined
  readonly outbox: Outbox
  /** What is kept of the outbox is read again; undefined when nothing is. */
  readonly reread: (() => Promise<void>) | undefined
  readonly keeper: StreamKeeper | undefined
  readonly observe: Observe | undefined
  /** After everything that happens: what is wanted, or owed, may have changed. */
  readonly stepped: () => void
}

/**
 * A socket of one's own: session and stream, tied to the outbox. Every frame goes to the stream first: the outbox hears of a receipt only
 * when the changes that came with it have been handed to the collections.
 */
export class LeadingLink implements RoomLink {
  readonly #options: LeadingLinkOptions
  readonly #session: Session
  readonly #stream: Stream
  readonly #silence: SilenceWatch
  /** What the outbox was told last. */
  #joining: ReadonlySet<string> | undefined
  #wanted = false
  #phase: 'taking' | 'taken' = 'taking'
  /** One id per sender: its next socket replaces its last. */
  #id: string | undefined

  constructor(options: LeadingLinkOptions) {
    const { transport, environment, timings, principal, outbox, reread, keeper, observe } = options
    this.#options = options
    this.#session = new Session({
      transport,
      environment,
      timings,
      principal,
      // A tab that led may have sent, marked and settled since: a hello is made from what is kept.
      prepare: reread,
      observe,
      listener: {
        hello: () => this.#hello(),
        welcomed: (frame) => this.#welcomed(frame),
        received: (frame) => this.#received(frame),
        // What an abandoned socket still says is said again by the next hello, together with the rows that belong to it.
        receivedLate: () => {},
        lost: () => this.#lost(),
      },
    })
    this.#stream = new Stream({
      now: environment.now,
      send: (frame) => void this.#session.send(frame),
      redial: (code, reason) => this.#session.redial(code, reason),
      report: environment.reportError,
      later: (task, ms) => environment.afterInBackground(ms, task),
      receipts: (receipts) => outbox.receipts(receipts),
      live: () => outbox.live(),
      stepped: () => this.#stepped(),
      observe,
      keeper,
    })
    this.#silence = new SilenceWatch(
      environment,
      () => this.#owedSince(),
      () => this.#session.redial(CloseCode.silence, 'no answer'),
    )
  }

  get status(): Readable<ConnectionStatus> {
    return this.#session.status
  }

  get port(): Pick<Session, 'send' | 'redial'> {
    return this.#session
  }

  /** How many subscriptions there are. */
  get size(): number {
    return this.#stream.size
  }

  mount(spec: SubscriptionSpec, sink: RowSink, held: HeldFrom | null, keeping: Keeping): Movable {
    return this.#stream.mount(spec, sink, held, keeping)
  }

  want(wanted: boolean): void {
    this.#silence.check()
    if (wanted === this.#wanted) return
    this.#wanted = wanted
    if (wanted) this.#session.want()
    else this.#session.unwant()
  }

  resume(options: { readonly token?: string }): void {
    this.#session.resume(options)
  }

  /** From here on the stream says what is joining; before, it does not know yet of all that is mounted. */
  taken(): void {
    this.#phase = 'taken'
    this.#stepped()
  }

  leave(): void {
    this.#stream.abandon()
    this.#silence.stop()
    this.#session.close()
    this.#options.outbox.lose()
  }

  /** For good: collections that wait for their first rows are told that none will come. */
  close(): void {
    this.#stream.close()
    this.#silence.stop()
    this.#session.close()
  }

  #hello(): HelloFrame {
    const { environment, outbox } = this.#options
    // Not when it is made: in the module scope of a Worker there is no randomness.
    this.#id ??= environment.randomId()
    const client = this.#id
    return { type: 'hello', v: PROTOCOL_VERSION, client, cids: outbox.claims, ...this.#stream.greet() }
  }

  #welcomed(frame: WelcomeFrame): void {
    this.#stream.welcome(frame)
    this.#options.outbox.welcome(frame)
  }

  #received(frame: ServerFrame): void {
    this.#stream.receive(frame)
    if (frame.type === 'refused') this.#options.outbox.refused(frame)
  }

  #lost(): void {
    this.#stream.lose()
    this.#options.outbox.lose()
  }

  /** A receipt may be stuck behind a large pass or the rows of a join: they are progress for it too. */
  #owedSince(): number | null {
    const written = this.#options.outbox.waitsSince
    const receipt = written === null ? null : Math.max(written, this.#stream.heardAt)
    return earliest(this.#stream.waitsSince, receipt)
  }

  #stepped(): void {
    const joining = this.#stream.joining
    if (this.#phase === 'taken' && (!this.#joining || !sameNames(joining, this.#joining))) {
      this.#joining = joining
      this.#options.outbox.joining(joining)
    }
    this.#options.stepped()
  }
}

const earliest = (a: number | null, b: number | null): number | null =>
  a === null ? b : b === null ? a : Math.min(a, b)

const sameNames = (a: ReadonlySet<string>, b: ReadonlySet<string>): boolean =>
  a.size === b.size && [...a].every((name) => b.has(name))

import type { CollectionHost } from '../collection/mount-collection.ts'
import type { OverlayRetirer, Writers } from '../collection/writers.ts'
import { Outbox } from '../outbox/outbox.ts'
import type { Storage } from '../persistence/storage.ts'
import { Session } from '../session/session.ts'
import type { SessionTimings } from '../session/session-timings.ts'
import type { RowSink } from '../stream/row-commit.ts'
import { Stream, type Subscribed } from '../stream/stream.ts'
import type { Transport } from '../transport/transport.ts'
import {
  type ClientFrame,
  CloseCode,
  DEFAULT_LIMITS,
  type HelloFrame,
  PROTOCOL_VERSION,
  type ServerFrame,
  type SubscriptionSpec,
  type WelcomeFrame,
} from '../wire/index.ts'
import type { Environment } from './environment.ts'
import { SilenceWatch } from './silence-watch.ts'

export interface EngineOptions {
  readonly transport: Transport
  readonly storage: Storage
  readonly environment: Environment
  readonly timings: Partial<SessionTimings>
}

/**
 * Session, stream and outbox of one client, tied together. Every frame goes to the stream first: the outbox hears of a receipt only when
 * the changes that came with it have been handed to the collections.
 */
export class SyncEngine implements CollectionHost {
  readonly writers: Writers = new WeakMap<object, OverlayRetirer>()
  readonly session: Session
  readonly outbox: Outbox
  readonly #stream: Stream
  readonly #silence: SilenceWatch
  readonly #storage: Storage
  readonly #environment: Environment
  /** One id per client object, so that its next socket replaces its last. */
  readonly #id: string
  #joining: ReadonlySet<string> = new Set()
  #wanted = false

  constructor({ transport, storage, environment, timings }: EngineOptions) {
    this.#environment = environment
    this.#storage = storage
    this.#id = environment.randomId()
    const shared = {
      now: environment.now,
      send: (frame: ClientFrame) => void this.session.send(frame),
      redial: (code: number, reason: string) => this.session.redial(code, reason),
      report: environment.reportError,
    }
    this.session = new Session({
      transport,
      environment,
      timings,
      listener: {
        hello: () => this.#hello(),
        welcomed: (frame) => this.#welcomed(frame),
        received: (frame) => this.#received(frame),
        // What an abandoned socket still says is said again by the next hello, together with the rows that belong to it.
        receivedLate: () => {},
        lost: () => this.#lost(),
      },
    })
    this.outbox = new Outbox({
      ...shared,
      randomId: environment.randomId,
      later: (task, ms) => void environment.after(ms, task),
      storage,
      limits: DEFAULT_LIMITS,
      stepped: () => this.#stepped(),
    })
    this.#stream = new Stream({
      ...shared,
      later: (task, ms) => environment.afterInBackground(ms, task),
      receipts: (receipts) => this.outbox.receipts(receipts),
      live: () => this.outbox.live(),
      stepped: () => this.#stepped(),
    })
    this.#silence = new SilenceWatch(
      environment,
      () => this.#owedSince(),
      () => this.session.redial(CloseCode.silence, 'no answer'),
    )
  }

  mount(spec: SubscriptionSpec, sink: RowSink): Subscribed {
    return this.#stream.mount(spec, sink)
  }

  async close(): Promise<void> {
    this.outbox.close()
    this.#stream.close()
    this.#silence.stop()
    this.session.close()
    try {
      await this.#storage.close()
    } catch (error) {
      this.#environment.reportError(error)
    }
  }

  #hello(): HelloFrame {
    const cids = this.outbox.claims
    return { type: 'hello', v: PROTOCOL_VERSION, client: this.#id, cids, ...this.#stream.greet() }
  }

  #welcomed(frame: WelcomeFrame): void {
    this.#stream.welcome(frame)
    this.outbox.welcome(frame)
  }

  #received(frame: ServerFrame): void {
    this.#stream.receive(frame)
    if (frame.type === 'refused') this.outbox.refused(frame)
  }

  #lost(): void {
    this.#stream.lose()
    this.outbox.lose()
  }

  /** A receipt may be stuck behind a large pass or the rows of a join: they are progress for it too. */
  #owedSince(): number | null {
    const written = this.outbox.waitsSince
    const receipt = written === null ? null : Math.max(written, this.#stream.heardAt)
    return earliest(this.#stream.waitsSince, receipt)
  }

  /** The connection is wanted while somebody looks at rows or a write is not settled. */
  #stepped(): void {
    const joining = this.#stream.joining
    if (!sameNames(joining, this.#joining)) {
      this.#joining = joining
      this.outbox.joining(joining)
    }
    this.#silence.check()
    const wanted = this.#stream.size > 0 || this.outbox.size > 0
    if (wanted === this.#wanted) return
    this.#wanted = wanted
    if (wanted) this.session.want()
    else this.session.unwant()
  }
}

const earliest = (a: number | null, b: number | null): number | null =>
  a === null ? b : b === null ? a : Math.min(a, b)

const sameNames = (a: ReadonlySet<string>, b: ReadonlySet<string>): boolean =>
  a.size === b.size && [...a].every((name) => b.has(name))

import type { CollectionHost } from '../collection/mount-collection.ts'
import { PendingViews } from '../collection/pending-views.ts'
import type { PendingWriter, Writers } from '../collection/writers.ts'
import type { Draft, Work } from '../outbox/entry.ts'
import { Outbox } from '../outbox/outbox.ts'
import type { Settled } from '../outbox/outbox-event.ts'
import type { WriteKeeper } from '../outbox/write-keeper.ts'
import type { Written } from '../outbox/written.ts'
import { RoomKeeper } from '../persistence/room-keeper.ts'
import type { RoomStorage, StoredRoom } from '../persistence/room-storage.ts'
import type { SessionTimings } from '../session/session-timings.ts'
import type { ConnectionStatus } from '../status/connection-status.ts'
import { createReadable, type Readable } from '../status/readable.ts'
import type { RowSink } from '../stream/row-commit.ts'
import type { Subscribed } from '../stream/stream.ts'
import type { SyncMode } from '../stream/stream-keeper.ts'
import type { Transport } from '../transport/transport.ts'
import { DEFAULT_LIMITS, type SubscriptionSpec } from '../wire/index.ts'
import type { Environment } from './environment.ts'
import { LeadingLink } from './leading-link.ts'
import { RoomMount } from './room-mount.ts'
import { StoredShapes } from './stored-shapes.ts'

export interface EngineOptions {
  readonly transport: Transport
  readonly environment: Environment
  readonly timings: Partial<SessionTimings>
  /** What outlives the page; undefined when nothing does. */
  readonly kept: { readonly room: RoomStorage; readonly user: string } | undefined
  readonly schemaVersion: number
  /** Where writes are kept when nothing outlives the page. */
  readonly memory: () => WriteKeeper
}

/** One client, put together: what is kept, what is pending, what is mounted, and the link to the server. */
export class SyncEngine implements CollectionHost {
  readonly writers: Writers = new WeakMap<object, PendingWriter>()
  readonly pending: PendingViews | undefined
  readonly outbox: Outbox
  readonly status: Readable<ConnectionStatus>
  readonly #options: EngineOptions
  readonly #status = createReadable<ConnectionStatus>({ state: 'idle' })
  readonly #keeper: RoomKeeper | undefined
  readonly #shapes: StoredShapes | undefined
  readonly #mounts = new Set<RoomMount>()
  #link: LeadingLink | undefined
  #phase: 'open' | 'closed' = 'open'

  constructor(options: EngineOptions) {
    const { environment, kept, memory } = options
    const report = environment.reportError
    const later = (task: () => void, ms: number) => void environment.after(ms, task)
    this.#options = options
    this.status = this.#status
    if (kept) {
      const background = (task: () => void, ms: number) => void environment.afterInBackground(ms, task)
      const keeper = new RoomKeeper({ room: kept.room, later, report })
      this.#keeper = keeper
      this.#shapes = new StoredShapes({
        keeper,
        later: background,
        report,
        loaded: (room) => this.#loaded(room),
      })
      this.pending = new PendingViews()
    }
    this.outbox = new Outbox({
      now: environment.now,
      randomId: environment.randomId,
      later,
      report,
      keeper: this.#keeper ?? memory(),
      schemaVersion: options.schemaVersion,
      limits: DEFAULT_LIMITS,
      willSend: () => this.#status.get().state === 'connected',
      send: (frame) => void this.#link?.port.send(frame),
      redial: (code, reason) => this.#link?.port.redial(code, reason),
      settled: (settled) => this.#settled(settled),
      stepped: () => this.#stepped(),
    })
    if (!kept) this.#lead()
  }

  /** Reads what is kept, and connects if something of it wants that. Touches nothing of the platform before. */
  start(): void {
    if (this.#shapes && this.#phase === 'open') void this.#shapes.start()
  }

  write(work: Work, before?: Draft['before']): Written {
    this.start()
    const written = this.outbox.write(work, before)
    // One that could not be kept is rolled back by its transaction, and pending nowhere.
    written.stored.catch(() => this.pending?.settle([written.id]))
    return written
  }

  mount(spec: SubscriptionSpec, sink: RowSink, syncMode: SyncMode): Subscribed {
    const mount: RoomMount = new RoomMount({
      spec,
      sink,
      syncMode,
      report: this.#options.environment.reportError,
      ended: () => {
        this.#mounts.delete(mount)
        this.#stepped()
      },
    })
    this.#mounts.add(mount)
    if (this.#shapes && this.#phase === 'open')
      void this.#shapes.take(spec).then((stored) => {
        if (this.#link) mount.link(this.#link, stored)
      })
    else if (this.#link) mount.link(this.#link, undefined)
    return mount
  }

  resume(options: { readonly token?: string }): void {
    this.#link?.resume(options)
  }

  async close(): Promise<void> {
    if (this.#phase === 'closed') return
    this.#phase = 'closed'
    this.outbox.close()
    if (!this.#link) this.#lead()
    this.#link?.close()
    try {
      await this.#keeper?.close()
    } catch (error) {
      this.#options.environment.reportError(error)
    }
  }

  /** Before any rows are shown: what is pending is shown with them. */
  #loaded({ writes, failed }: StoredRoom): void {
    this.pending?.adopt(writes)
    this.outbox.adopt(writes)
    this.outbox.adoptFailed(failed)
    if (!this.#link && this.#phase === 'open') this.#lead()
  }

  #lead(): void {
    const { transport, environment, timings, kept } = this.#options
    const link = new LeadingLink({
      id: environment.randomId(),
      transport,
      environment,
      timings,
      principal: kept?.user,
      outbox: this.outbox,
      keeper: this.#keeper,
      stepped: () => this.#stepped(),
    })
    this.#link = link
    this.#status.set(link.status.get())
    link.status.subscribe(() => {
      if (this.#link === link) this.#status.set(link.status.get())
    })
    this.#stepped()
  }

  #settled(settled: readonly Settled[]): void {
    this.pending?.settle(settled.map(({ entry }) => entry.id))
  }

  /** The connection is wanted while somebody looks at rows or a write is not settled. */
  #stepped(): void {
    if (this.#phase === 'open') this.#link?.want(this.#mounts.size > 0 || this.outbox.size > 0)
  }
}

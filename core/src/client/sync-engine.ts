import type { CollectionHost } from '../collection/collection-host.ts'
import { FILTERS } from '../collection/filter-part.ts'
import type { PendingViews } from '../collection/pending-views.ts'
import type { PendingWriter, Writers } from '../collection/writers.ts'
import type { Observe } from '../observer/observe.ts'
import type { Draft, Work } from '../outbox/entry.ts'
import { memoryWriteKeeper } from '../outbox/memory-write-keeper.ts'
import { Outbox } from '../outbox/outbox.ts'
import type { WriteKeeper } from '../outbox/write-keeper.ts'
import type { Written } from '../outbox/written.ts'
import type { StoredShape } from '../persistence/room-storage.ts'
import type { SessionTimings } from '../session/session-timings.ts'
import type { ConnectionStatus } from '../status/connection-status.ts'
import { createReadable, type Readable } from '../status/readable.ts'
import type { RowSink } from '../stream/row-commit.ts'
import type { Subscribed } from '../stream/stream.ts'
import type { SyncMode } from '../stream/stream-keeper.ts'
import type { TabRole } from '../tabs/tabs.ts'
import type { Transport } from '../transport/transport.ts'
import type { SubscriptionSpec } from '../wire/index.ts'
import { DEFAULT_LIMITS } from '../wire/limits.ts'
import type { Cancel, Environment, Place } from './environment.ts'
import { GivenRows } from './given-rows.ts'
import type { KeptClient, KeptRoom } from './kept-room.ts'
import { LeadingLink } from './leading-link.ts'
import type { RoomLink } from './room-link.ts'
import { RoomMount } from './room-mount.ts'
import { writeOnServer } from './write-on-server.ts'

/** What outlives the page. */
export interface Kept {
  /** Whose it is. */
  readonly user: string
  /** What `client` is beyond its page; called once. */
  readonly keep: (client: KeptClient) => KeptRoom
}

export interface EngineOptions {
  readonly transport: Transport
  readonly environment: Environment
  readonly timings: Partial<SessionTimings>
  /** Undefined when nothing outlives the page. */
  readonly kept: Kept | undefined
  readonly schemaVersion: number
  readonly observe: Observe | undefined
}

/** One client, put together: what is pending, what is mounted, the link to the server, and what of it outlives the page. */
export class SyncEngine implements CollectionHost {
  readonly writers: Writers = new WeakMap<object, PendingWriter>()
  readonly pending: PendingViews | undefined
  readonly outbox: Outbox
  readonly status: Readable<ConnectionStatus>
  readonly report: (error: unknown) => void
  /** Whether this tab speaks with the server, or another one does for it. */
  readonly role: Readable<TabRole>
  readonly #options: EngineOptions
  readonly #status = createReadable<ConnectionStatus>({ state: 'idle' })
  readonly #given: GivenRows
  readonly #kept: KeptRoom | undefined
  readonly #mounts = new Set<RoomMount>()
  readonly #holders = new Set<object>()
  #link: RoomLink | undefined
  #leading: LeadingLink | undefined
  #phase: 'unused' | 'open' | 'closed' = 'unused'

  constructor(options: EngineOptions) {
    const { environment, kept } = options
    const report = environment.reportError
    this.#options = options
    this.status = this.#status
    this.report = report
    this.#given = new GivenRows({
      now: environment.now,
      user: kept?.user,
      later: (task, ms) => (environment.place === 'server' ? () => {} : this.later(task, ms)),
      report,
    })
    this.#kept = kept?.keep(this.#toKeep())
    this.pending = this.#kept?.pending
    this.outbox = this.#kept?.outbox ?? this.#outboxOn(memoryWriteKeeper())
    this.role = this.#kept?.role ?? createReadable<TabRole>('alone')
    if (!kept) this.#lead().taken()
  }

  given(spec: SubscriptionSpec): StoredShape | undefined {
    return this.#given.of(spec)
  }

  get place(): Place {
    return this.#options.environment.place
  }

  get now(): Environment['now'] {
    return this.#options.environment.now
  }

  readonly later = (task: () => void, ms: number): Cancel =>
    this.#options.environment.afterInBackground(ms, task)

  /** Reads what is kept, finds the other tabs, and connects if something wants that. Touches nothing of the platform before. */
  start(): void {
    if (this.#phase !== 'unused' || this.place === 'server') return
    this.#phase = 'open'
    this.#kept?.start()
  }

  /** @throws ProtocolError `write-on-server` */
  write(work: Work, before?: Draft['before']): Written {
    if (this.place === 'server') throw writeOnServer()
    this.start()
    const written = this.outbox.write(work, before)
    // One that could not be kept is rolled back by its transaction, and pending nowhere.
    const { pending } = this
    if (pending) written.stored.catch(() => pending.settle([written.id]))
    return written
  }

  mount(spec: SubscriptionSpec, sink: RowSink, syncMode: SyncMode, given = this.given(spec)): Subscribed {
    this.start()
    const mount: RoomMount = new RoomMount({
      spec,
      sink,
      syncMode,
      keeps: this.#kept ? 'rows' : 'nothing',
      report: this.#options.environment.reportError,
      ended: () => {
        this.#mounts.delete(mount)
        this.#stepped()
      },
    })
    if (given) mount.showGiven(given)
    // Nothing will come, and nobody will end it.
    if (this.place === 'server') return mount
    this.#mounts.add(mount)
    if (this.#kept && this.#phase === 'open') void this.#kept.attach(mount)
    else if (this.#link) this.#linkTo(this.#link, mount)
    return mount
  }

  /** The connection stays while it is held, once something has needed it; none is made for that. What is returned may be called twice. */
  hold(): Cancel {
    const holder = {}
    this.#holders.add(holder)
    this.#stepped()
    return () => {
      if (this.#holders.delete(holder)) this.#stepped()
    }
  }

  /** @throws ProtocolError `write-sent`, by rejecting, when the write may have been sent. */
  discardPending(id: string): Promise<void> {
    return this.#kept?.discard(id) ?? this.outbox.discardPending(id)
  }

  resume(options: { readonly token?: string }): void {
    if (this.place === 'page') this.#link?.resume(options)
  }

  /** Rows that came with the page, for whoever shows them soon. */
  hydrate(snapshots: readonly unknown[]): void {
    if (this.#phase === 'closed') return
    for (const snapshot of snapshots) this.#given.add(snapshot)
  }

  /** What is kept could not be read before, and can be now. */
  async reread(): Promise<void> {
    if (this.#phase === 'open') await this.#kept?.refresh()
  }

  /** `outlives`: what is kept is still there for the next client. */
  async close(outlives: boolean): Promise<void> {
    if (this.#phase === 'closed') return
    this.#phase = 'closed'
    this.#given.forget()
    this.outbox.close(outlives)
    if (this.place === 'server') {
      // Nothing was begun.
      this.#status.set({ state: 'closed' })
      return
    }
    if (this.#kept) return this.#kept.close()
    // Also those that wait for code are told that nothing will come.
    for (const mount of this.#mounts) if (this.#link) mount.link(this.#link, undefined)
    this.#leading?.close()
  }

  #toKeep(): KeptClient {
    const { environment, schemaVersion, observe } = this.#options
    return {
      environment,
      schemaVersion,
      observe,
      status: this.#status,
      mounts: this.#mounts,
      isOpen: () => this.#phase === 'open',
      outbox: (keeper) => this.#outboxOn(keeper),
      link: () => this.#link,
      leading: () => this.#leading,
      fedBy: (link) => {
        this.#link = link
        if (!link) this.#leading = undefined
      },
      lead: () => this.#lead(),
      stepped: () => this.#stepped(),
    }
  }

  #outboxOn(keeper: WriteKeeper): Outbox {
    const { environment, schemaVersion, observe } = this.#options
    return new Outbox({
      now: environment.now,
      randomId: environment.randomId,
      later: (task, ms) => void environment.after(ms, task),
      report: environment.reportError,
      keeper,
      schemaVersion,
      limits: DEFAULT_LIMITS,
      leads: () => this.#leading !== undefined,
      willSend: () => this.#status.get().state === 'connected',
      send: (frame) => void this.#leading?.port.send(frame),
      redial: (code, reason) => this.#leading?.port.redial(code, reason),
      settled: (settled) => this.#kept?.settled(settled),
      observe,
      stepped: () => this.#stepped(),
    })
  }

  #lead(): LeadingLink {
    const { transport, environment, timings, observe } = this.#options
    const kept = this.#kept
    const link = new LeadingLink({
      transport,
      environment,
      timings,
      principal: this.#options.kept?.user,
      outbox: this.outbox,
      reread: kept && (() => kept.rereadWrites()),
      keeper: kept?.stream,
      observe,
      stepped: () => this.#stepped(),
    })
    this.#leading = link
    this.#link = link
    const mirror = () => {
      if (this.#leading === link) this.#status.set(link.status.get())
    }
    mirror()
    link.status.subscribe(mirror)
    this.#stepped()
    return link
  }

  /** Rows of a filter can be placed as soon as there is code for it. The connection does not wait for that. */
  #linkTo(link: RoomLink, mount: RoomMount): void {
    // Of a closed link it hears that nothing will come.
    if (!mount.spec.where || FILTERS.there || this.#phase === 'closed') {
      mount.link(link, undefined)
      return
    }
    mount.waits(this.now())
    this.#stepped()
    FILTERS.whenThere(() => mount.link(link, undefined), {
      later: this.later,
      failed: (error) => mount.waits(this.now(), error),
      wants: () => this.#mounts.has(mount) && this.#phase !== 'closed',
    })
  }

  /** The connection is wanted while somebody looks at rows, in whatever tab, or a write is not settled. */
  #stepped(): void {
    if (this.place === 'server') return
    const shown = this.#leading?.size || this.#mounts.size
    const { state } = this.#status.get()
    // A follower that has yet to hear of its leader says `connecting`.
    const isUsed = state !== 'idle' && (this.#leading !== undefined || state !== 'connecting')
    const held = this.#holders.size > 0 && isUsed
    const wanted = shown > 0 || this.outbox.size > 0 || held || (this.#kept?.wanted ?? false)
    if (this.#phase !== 'closed') this.#link?.want(wanted)
  }
}

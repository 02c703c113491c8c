import type { CollectionHost } from '../collection/mount-collection.ts'
import { PendingViews } from '../collection/pending-views.ts'
import type { PendingWriter, Writers } from '../collection/writers.ts'
import type { Observe } from '../observer/observe.ts'
import type { Draft, Work } from '../outbox/entry.ts'
import { Outbox } from '../outbox/outbox.ts'
import type { Settled } from '../outbox/outbox-event.ts'
import type { WriteKeeper } from '../outbox/write-keeper.ts'
import type { Written } from '../outbox/written.ts'
import { IN_MEMORY } from '../persistence/known-queue.ts'
import { RoomKeeper } from '../persistence/room-keeper.ts'
import type { RoomStorage, StoredQueue, StoredRoom, StoredShape } from '../persistence/room-storage.ts'
import { StorageClosed } from '../persistence/storage-closed.ts'
import type { SessionTimings } from '../session/session-timings.ts'
import type { ConnectionStatus } from '../status/connection-status.ts'
import { createReadable, type Readable } from '../status/readable.ts'
import type { RowSink } from '../stream/row-commit.ts'
import type { Subscribed } from '../stream/stream.ts'
import type { SyncMode } from '../stream/stream-keeper.ts'
import type { TabRole } from '../tabs/tabs.ts'
import type { Transport } from '../transport/transport.ts'
import { DEFAULT_LIMITS, type SubscriptionSpec } from '../wire/index.ts'
import type { Cancel, Environment, Place } from './environment.ts'
import { GivenRows } from './given-rows.ts'
import { LeadingLink } from './leading-link.ts'
import type { RoomLink } from './room-link.ts'
import { RoomMount } from './room-mount.ts'
import { RoomTabs } from './room-tabs.ts'
import { Signal } from './signal.ts'
import { StoredShapes } from './stored-shapes.ts'
import { writeOnServer } from './write-on-server.ts'

/** How long the platform may take to say that this tab leads, before what is kept is read all the same. */
const GRANT_MS = 5

/** What outlives the page. */
export interface Kept {
  readonly room: RoomStorage
  readonly user: string
  /** Under which the tabs of a browser that show this room find each other. */
  readonly name: string
  /** `apart`: every tab has a socket of its own. */
  readonly tabs: 'together' | 'apart'
}

export interface EngineOptions {
  readonly transport: Transport
  readonly environment: Environment
  readonly timings: Partial<SessionTimings>
  /** Undefined when nothing outlives the page. */
  readonly kept: Kept | undefined
  readonly schemaVersion: number
  /** Where writes are kept when nothing outlives the page. */
  readonly memory: () => WriteKeeper
  readonly observe?: Observe | undefined
}

/** One client, put together: what is kept, what is pending, what is mounted, and the link to the server. */
export class SyncEngine implements CollectionHost {
  readonly writers: Writers = new WeakMap<object, PendingWriter>()
  readonly pending: PendingViews | undefined
  readonly outbox: Outbox
  readonly status: Readable<ConnectionStatus>
  readonly report: (error: unknown) => void
  readonly #given: GivenRows
  /** Whether this tab speaks with the server, or another one does for it. */
  readonly role: Readable<TabRole>
  readonly #options: EngineOptions
  readonly #status = createReadable<ConnectionStatus>({ state: 'idle' })
  readonly #keeper: RoomKeeper | undefined
  readonly #shapes: StoredShapes | undefined
  readonly #tabs: RoomTabs | undefined
  readonly #mounts = new Set<RoomMount>()
  readonly #holders = new Set<object>()
  #link: RoomLink | undefined
  #leading: LeadingLink | undefined
  /** When what is kept may be read. */
  readonly #begin = new Signal()
  #phase: 'unused' | 'open' | 'closed' = 'unused'

  constructor(options: EngineOptions) {
    const { environment, kept, memory } = options
    const report = environment.reportError
    const later = (task: () => void, ms: number) => void environment.after(ms, task)
    const background = (task: () => void, ms: number) => void environment.afterInBackground(ms, task)
    this.#options = options
    this.status = this.#status
    this.report = report
    this.#given = new GivenRows({
      now: environment.now,
      user: kept?.user,
      later: (task, ms) =>
        environment.place === 'server' ? () => {} : environment.afterInBackground(ms, task),
      report,
    })
    if (kept) {
      this.#keeper = new RoomKeeper({ room: kept.room, later, report })
      this.pending = new PendingViews()
    }
    this.outbox = new Outbox({
      now: environment.now,
      randomId: environment.randomId,
      later,
      report,
      keeper: this.#keeper ? this.#told(this.#keeper) : memory(),
      schemaVersion: options.schemaVersion,
      limits: DEFAULT_LIMITS,
      leads: () => this.#leading !== undefined,
      willSend: () => this.#status.get().state === 'connected',
      send: (frame) => void this.#leading?.port.send(frame),
      redial: (code, reason) => this.#leading?.port.redial(code, reason),
      settled: (settled) => this.#settled(settled),
      observe: options.observe,
      stepped: () => this.#stepped(),
    })
    if (this.#keeper) {
      const keeper = this.#keeper
      const loaded = (room: StoredRoom, before: ReadonlySet<string>) => this.#loaded(room, before)
      const ids = () => this.#stored()
      this.#shapes = new StoredShapes({ keeper, later: background, report, ids, loaded })
    }
    if (kept)
      this.#tabs = new RoomTabs({
        name: kept.name,
        tabs: kept.tabs,
        environment,
        schemaVersion: options.schemaVersion,
        outbox: this.outbox,
        adopt: (writes, heard) => this.#adoptTold(writes, heard),
        status: this.#status,
        lead: () => void this.#takeLead(),
        follow: (link) => void this.#relink(link),
        unlink: () => this.#unlink(),
        reread: () => void this.#shapes?.refresh(),
        resume: (how) => this.#leading?.resume(how),
        leading: () => this.#leading,
        observe: options.observe,
        stepped: () => this.#stepped(),
      })
    this.role = this.#tabs?.role ?? createReadable<TabRole>('alone')
    if (!kept) this.#lead().taken()
  }

  given(spec: SubscriptionSpec): StoredShape | undefined {
    return this.#given.of(spec)
  }

  get place(): Place {
    return this.#options.environment.place
  }

  /** Reads what is kept, finds the other tabs, and connects if something wants that. Touches nothing of the platform before. */
  start(): void {
    if (this.#phase !== 'unused' || this.place === 'server') return
    this.#phase = 'open'
    if (!this.#tabs) return
    this.#tabs.start()
    // Whoever leads reads once it leads; it nearly always knows by then.
    if (!this.#tabs.leads) this.#options.environment.after(GRANT_MS, () => this.#begin.now())
  }

  /** @throws ProtocolError `write-on-server` */
  write(work: Work, before?: Draft['before']): Written {
    if (this.place === 'server') throw writeOnServer()
    this.start()
    const written = this.outbox.write(work, before)
    // One that could not be kept is rolled back by its transaction, and pending nowhere.
    written.stored.catch(() => this.pending?.settle([written.id]))
    return written
  }

  mount(spec: SubscriptionSpec, sink: RowSink, syncMode: SyncMode, given = this.given(spec)): Subscribed {
    this.start()
    const mount: RoomMount = new RoomMount({
      spec,
      sink,
      syncMode,
      keeps: this.#shapes ? 'rows' : 'nothing',
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
    if (this.#shapes && this.#phase === 'open') void this.#attach(mount)
    else if (this.#link) mount.link(this.#link, undefined)
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
    return this.#tabs?.discard(id) ?? this.outbox.discardPending(id)
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
    if (this.#phase === 'open') await this.#shapes?.refresh()
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
    this.#begin.now()
    if (!this.#leading) void this.#relink(this.#lead())
    this.#leading?.close()
    this.#tabs?.stop()
    try {
      await this.#keeper?.close()
    } catch (error) {
      this.#options.environment.reportError(error)
    }
  }

  /** Before any rows are shown: what is pending is shown with them. `before` are the writes that were kept when the reading began. */
  #loaded({ writes, failed, from }: StoredQueue, before: ReadonlySet<string>): void {
    this.#adopt(writes, 'read')
    this.outbox.adoptFailed(failed)
    if (from === 'memory') return
    const there = new Set(writes.map(({ id }) => id))
    const gone = [...before].filter((id) => !there.has(id))
    if (gone.length === 0) return
    this.outbox.gone(gone, failed)
    const failures = new Set(failed.map(({ id }) => id))
    // Discarded, or tried again, where this tab did not hear of it.
    this.outbox.failedGone(gone.filter((id) => !failures.has(id)))
  }

  /** Writes and failures that a database has, not only the memory of some tab. */
  #stored(): string[] {
    const writes = this.outbox.kept().flatMap(({ id, ord }) => (ord < IN_MEMORY ? [id] : []))
    return [...writes, ...this.outbox.keptFailures()]
  }

  async #reread(keeper: RoomKeeper): Promise<void> {
    const before = new Set(this.#stored())
    try {
      this.#loaded(await keeper.queue(), before)
    } catch (error) {
      // Somebody has logged out meanwhile.
      if (!(error instanceof StorageClosed)) throw error
    }
  }

  #adopt(writes: StoredRoom['writes'], heard: 'read' | 'told'): StoredRoom['writes'] {
    const pending = this.outbox.adopt(writes, heard)
    this.pending?.adopt(pending)
    return pending
  }

  /** What a tab with another version of the app tells of is read from the storage, where it is brought up to date. */
  #adoptTold(writes: StoredRoom['writes'], heard: 'read' | 'told'): StoredRoom['writes'] {
    const { schemaVersion } = this.#options
    const own = writes.filter((write) => write.schemaVersion === schemaVersion || write.ord >= IN_MEMORY)
    if (own.length < writes.length && this.#keeper)
      void this.#reread(this.#keeper).catch(this.#options.environment.reportError)
    return this.#adopt(own, heard)
  }

  /** The other tabs hear of a write as soon as it is kept. */
  #told(keeper: RoomKeeper): WriteKeeper {
    return {
      put: async (writes, dropFailed) => {
        const ords = await keeper.put(writes, dropFailed)
        this.#tabs?.wrote(writes, ords, dropFailed)
        return ords
      },
      mark: (marks) => keeper.mark(marks),
      forget: (ids, failures) => keeper.forget(ids, failures),
      dropFailed: async (ids) => {
        await keeper.dropFailed(ids)
        this.#tabs?.failedGone(ids)
      },
    }
  }

  /** What is kept is read first: the tab that led may have kept more than it has told. */
  async #takeLead(): Promise<void> {
    this.#unlink()
    this.#begin.now()
    await this.#shapes?.refresh()
    if (this.#phase !== 'open' || !this.#tabs?.leads || this.#leading) return
    void this.#relink(this.#lead())
    this.#tabs.led()
  }

  #lead(): LeadingLink {
    const { transport, environment, timings, kept, observe } = this.#options
    const link = new LeadingLink({
      transport,
      environment,
      timings,
      principal: kept?.user,
      outbox: this.outbox,
      reread: this.#keeper && this.#reread.bind(this, this.#keeper),
      keeper: this.#keeper && this.#tabs ? this.#tabs.relaying(this.#keeper) : undefined,
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

  /** Everything that is mounted is fed by `link` from here on. */
  async #relink(link: RoomLink): Promise<void> {
    this.#link = link
    this.#loosen()
    if (link !== this.#leading) await this.#shapes?.refresh()
    if (this.#link !== link) return
    await Promise.all([...this.#mounts].map((mount) => this.#attach(mount)))
    if (this.#link !== link) return
    link.taken()
    this.#stepped()
  }

  async #attach(mount: RoomMount): Promise<void> {
    await this.#begin.given
    const stored = await this.#shapes?.take(mount.spec)
    if (this.#link) mount.link(this.#link, stored)
    else mount.show(stored)
  }

  #unlink(): void {
    if (this.#phase === 'closed') return
    this.#loosen()
    const link = this.#link
    this.#link = undefined
    this.#leading = undefined
    link?.leave()
    if (link) this.#status.set({ state: 'connecting', attempt: 1 })
  }

  /** Between two links, or before the first. Whoever has the socket may have heard of writes whose rows are not here yet. */
  #loosen(): void {
    for (const mount of this.#mounts) mount.loosen()
    this.outbox.joining(new Set([...this.#mounts].map(({ spec }) => spec.collection)))
  }

  #settled(settled: readonly Settled[]): void {
    this.pending?.settle(settled.map(({ entry }) => entry.id))
    this.#tabs?.settled(settled)
  }

  /** The connection is wanted while somebody looks at rows, in whatever tab, or a write is not settled. */
  #stepped(): void {
    if (this.place === 'server') return
    const shown = this.#leading?.size || this.#mounts.size
    const { state } = this.#status.get()
    // A follower that has yet to hear of its leader says `connecting`.
    const isUsed = state !== 'idle' && (this.#leading !== undefined || state !== 'connecting')
    const held = this.#holders.size > 0 && isUsed
    const wanted = shown > 0 || this.outbox.size > 0 || held || (this.#tabs?.wanted ?? false)
    if (this.#phase !== 'closed') this.#link?.want(wanted)
  }
}

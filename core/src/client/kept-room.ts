import { PendingViews } from '../collection/pending-views.ts'
import type { SyncError } from '../errors.ts'
import { notLoaded } from '../lazy-part.ts'
import type { Observe } from '../observer/observe.ts'
import type { Outbox } from '../outbox/outbox.ts'
import type { Settled } from '../outbox/outbox-event.ts'
import type { WriteKeeper } from '../outbox/write-keeper.ts'
import { RoomKeeper } from '../persistence/room-keeper.ts'
import {
  IN_MEMORY,
  type RoomStorage,
  type StoredQueue,
  type StoredWrite,
} from '../persistence/room-storage.ts'
import { StorageClosed } from '../persistence/storage-closed.ts'
import type { ConnectionStatus } from '../status/connection-status.ts'
import { createReadable, type Readable, type WritableReadable } from '../status/readable.ts'
import type { StreamKeeper } from '../stream/stream-keeper.ts'
import type { TabRole } from '../tabs/tabs.ts'
import type { Environment } from './environment.ts'
import type { LeadingLink } from './leading-link.ts'
import type { RoomLink } from './room-link.ts'
import type { RoomMount } from './room-mount.ts'
import type { RoomTabs } from './room-tabs.ts'
import { Signal } from './signal.ts'
import { StoredShapes } from './stored-shapes.ts'
import { TABS } from './tabs-part.ts'

/** How long the platform may take to say that this tab leads, before what is kept is read all the same. */
const GRANT_MS = 5
/** An import may hang for as long as the page lives, and meanwhile nobody speaks with the server. */
const TABS_MS = 30_000

/** A client, as far as it concerns whoever keeps it beyond the page. */
export interface KeptClient {
  readonly environment: Environment
  readonly schemaVersion: number
  readonly observe: Observe | undefined
  readonly status: WritableReadable<ConnectionStatus>
  /** What is mounted now. */
  readonly mounts: ReadonlySet<RoomMount>
  /** Between its start and its end. */
  readonly isOpen: () => boolean
  /** Makes its outbox; called once. */
  readonly outbox: (keeper: WriteKeeper) => Outbox
  /** What feeds it; undefined between two. */
  readonly link: () => RoomLink | undefined
  /** The same, where it is a socket of its own. */
  readonly leading: () => LeadingLink | undefined
  /** It is fed by this one from here on, or by none. */
  readonly fedBy: (link: RoomLink | undefined) => void
  /** It gets a socket of its own, and is fed by that. */
  readonly lead: () => LeadingLink
  /** Whether anything needs the connection may have changed. */
  readonly stepped: () => void
}

export interface KeptRoomOptions {
  readonly room: RoomStorage
  /** Under which the tabs of a browser that show this room find each other. */
  readonly name: string
  readonly client: KeptClient
}

/**
 * One room beyond the page: what of it is kept on this device, and the other tabs that show it. Everything that is mounted is fed by one link at a
 * time, of this tab or of the one that leads, and goes on from what is kept.
 */
export class KeptRoom {
  readonly outbox: Outbox
  /** What the collections show of writes that are not settled. */
  readonly pending: PendingViews
  /** Whether this tab speaks with the server, or another one does for it. */
  readonly role: Readable<TabRole>
  readonly #role = createReadable<TabRole>('follower')
  readonly #name: string
  readonly #client: KeptClient
  readonly #keeper: RoomKeeper
  readonly #shapes: StoredShapes
  /** Undefined until its code is there; for good where that cannot be had. */
  #tabs: RoomTabs | undefined
  /** When what is kept may be read. */
  readonly #begin = new Signal()
  /** Of the write that this tab has kept last. */
  #lastPlace = Number.NEGATIVE_INFINITY

  constructor({ room, name, client }: KeptRoomOptions) {
    const { environment } = client
    const { reportError: report } = environment
    this.pending = new PendingViews(report)
    this.role = this.#role
    this.#name = name
    this.#client = client
    const keeper = new RoomKeeper({ room, later: (task, ms) => void environment.after(ms, task), report })
    this.#keeper = keeper
    this.outbox = client.outbox(this.#told(keeper))
    this.#shapes = new StoredShapes({
      keeper,
      later: (task, ms) => void environment.afterInBackground(ms, task),
      report,
      ids: () => this.#stored(),
      loaded: (kept, before) => this.#loaded(kept, before),
    })
  }

  /** Hears the stream of a socket of this tab. */
  get stream(): StreamKeeper {
    return this.#tabs?.relaying(this.#keeper) ?? this.#keeper
  }

  /** Whether another tab needs the connection of this one. */
  get wanted(): boolean {
    return this.#tabs?.wanted ?? false
  }

  /** Finds the other tabs, and reads what is kept. */
  start(): void {
    const { environment, isOpen } = this.#client
    const wants = () => isOpen() && this.#role.get() !== 'alone'
    const cancel = environment.afterInBackground(TABS_MS, () => {
      if (wants()) this.#goAlone(notLoaded())
    })
    TABS.whenThere(
      ({ RoomTabs }) => {
        cancel()
        this.#join(RoomTabs)
      },
      {
        later: (task, ms) => void environment.afterInBackground(ms, task),
        failed: (error) => {
          cancel()
          this.#goAlone(error)
        },
        wants,
      },
    )
  }

  #join(Joining: typeof RoomTabs): void {
    const { environment, schemaVersion, status, observe, leading, stepped } = this.#client
    const tabs = new Joining({
      name: this.#name,
      environment,
      schemaVersion,
      outbox: this.outbox,
      adopt: (writes, heard) => this.#adoptTold(writes, heard),
      status,
      lead: () => void this.#takeLead(),
      follow: (link) => void this.#relink(link),
      unlink: () => this.#unlink(),
      reread: () => this.refresh(),
      resume: (how) => leading()?.resume(how),
      leading,
      observe,
      stepped,
    })
    this.#tabs = tabs
    tabs.role.subscribe(() => this.#role.set(tabs.role.get()))
    tabs.start()
    // Whoever leads reads once it leads; it nearly always knows by then.
    if (!tabs.leads) environment.after(GRANT_MS, () => this.#begin.now())
  }

  /** Without the code for tabs, this one speaks for itself: as where the platform has none of what they need. */
  #goAlone(error: SyncError): void {
    this.#client.environment.reportError(error)
    this.#role.set('alone')
    void this.#takeLead()
  }

  /** The mount goes on from what is kept of it, fed by the link that there is then. */
  async attach(mount: RoomMount): Promise<void> {
    await this.#begin.given
    const stored = await this.#shapes.take(mount.spec)
    const link = this.#client.link()
    if (link) mount.link(link, stored)
    else mount.show(stored)
  }

  /** @throws ProtocolError `write-sent`, by rejecting, when the write may have been sent. */
  discard(id: string): Promise<void> {
    return this.#tabs?.discard(id) ?? this.outbox.discardPending(id)
  }

  settled(settled: readonly Settled[]): void {
    this.pending.settle(settled.map(({ entry }) => entry.id))
    this.#tabs?.settled(settled)
  }

  /** Reads again what is kept. Never rejects. */
  refresh(): Promise<void> {
    return this.#shapes.refresh()
  }

  /** Reads again which writes are kept. */
  async rereadWrites(): Promise<void> {
    const before = new Set(this.#stored())
    try {
      this.#loaded(await this.#keeper.queue(), before)
    } catch (error) {
      // Somebody has logged out meanwhile.
      if (!(error instanceof StorageClosed)) throw error
    }
  }

  /** With the client, which is closed already. */
  async close(): Promise<void> {
    this.#begin.now()
    this.#tabs?.fallSilent()
    if (!this.#client.leading()) void this.#relink(this.#client.lead())
    this.#client.leading()?.close()
    this.#tabs?.stop()
    try {
      await this.#keeper.close()
    } catch (error) {
      this.#client.environment.reportError(error)
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

  #adopt(writes: readonly StoredWrite[], heard: 'read' | 'told'): readonly StoredWrite[] {
    const pending = this.outbox.adopt(writes, heard)
    this.pending.adopt(pending)
    return pending
  }

  /** What a tab with another version of the app tells of is read from the storage, where it is brought up to date. */
  #adoptTold(writes: readonly StoredWrite[], heard: 'read' | 'told'): readonly StoredWrite[] {
    const { schemaVersion } = this.#client
    const own = writes.filter((write) => write.schemaVersion === schemaVersion || write.ord >= IN_MEMORY)
    if (own.length < writes.length || this.#haveMoved(own)) void this.#readPlaces()
    return this.#adopt(own, heard)
  }

  /** Whether the places that are known are not those of the storage any more: what was in memory only has been put into a database meanwhile. */
  #haveMoved(told: readonly StoredWrite[]): boolean {
    const known = new Map(this.outbox.kept().map(({ id, ord }) => [id, ord]))
    const isInMemory = [...known.values()].some((ord) => ord >= IN_MEMORY)
    return told.some(({ id, ord }) => (known.get(id) ?? ord) !== ord || (isInMemory && ord < IN_MEMORY))
  }

  async #readPlaces(): Promise<void> {
    await this.rereadWrites().catch(this.#client.environment.reportError)
  }

  /** The other tabs hear of a write as soon as it is kept. */
  #told(keeper: RoomKeeper): WriteKeeper {
    return {
      put: async (writes, dropFailed) => {
        const ords = await keeper.put(writes, dropFailed)
        this.#tabs?.wrote(writes, ords, dropFailed)
        // What this tab keeps later has a greater place, unless what was in memory, or in a database that was lost, has been put into another one
        // meanwhile. Before it is said that they are kept: from then on they are shown in the order of their places.
        const places = [...ords.values()]
        const haveMoved = Math.min(...places) < this.#lastPlace
        this.#lastPlace = Math.max(...places)
        if (haveMoved) await this.#readPlaces()
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
    const { isOpen, leading, lead } = this.#client
    this.#unlink()
    this.#begin.now()
    await this.refresh()
    if (!isOpen() || this.#role.get() === 'follower' || leading()) return
    void this.#relink(lead())
    this.#tabs?.led()
  }

  /** Everything that is mounted is fed by `link` from here on. */
  async #relink(link: RoomLink): Promise<void> {
    const { mounts, leading, fedBy, stepped } = this.#client
    const isReplaced = () => this.#client.link() !== link
    fedBy(link)
    this.#loosen()
    if (link !== leading()) await this.refresh()
    if (isReplaced()) return
    await Promise.all([...mounts].map((mount) => this.attach(mount)))
    if (isReplaced()) return
    link.taken()
    stepped()
  }

  #unlink(): void {
    const { isOpen, link, fedBy, status } = this.#client
    if (!isOpen()) return
    this.#loosen()
    const left = link()
    fedBy(undefined)
    left?.leave()
    if (left) status.set({ state: 'connecting', attempt: 1 })
  }

  /** Between two links, or before the first. Whoever has the socket may have heard of writes whose rows are not here yet. */
  #loosen(): void {
    const { mounts } = this.#client
    for (const mount of mounts) mount.loosen()
    this.outbox.joining(new Set([...mounts].map(({ spec }) => spec.collection)))
  }
}

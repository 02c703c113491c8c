import { ProtocolError, SyncError } from '../errors.ts'
import type { Observe } from '../observer/observe.ts'
import type { Outbox } from '../outbox/outbox.ts'
import type { Settled } from '../outbox/outbox-event.ts'
import type { HeardBy } from '../outbox/stored-entry.ts'
import type { NewWrite, StoredWrite } from '../persistence/room-storage.ts'
import type { ConnectionStatus } from '../status/connection-status.ts'
import type { Readable, WritableReadable } from '../status/readable.ts'
import type { StreamKeeper } from '../stream/stream-keeper.ts'
import { type TabRole, Tabs } from '../tabs/tabs.ts'
import type { Environment } from './environment.ts'
import { FollowingLink } from './following-link.ts'
import type { LeadingLink } from './leading-link.ts'
import { errorOf, type PlainError, plainError, plainState, stateOf } from './plain-error.ts'
import { Relay } from './relay.ts'
import type { DownMessage, UpMessage } from './room-message.ts'

const NOBODY_LEADS = new ProtocolError(
  'write-sent',
  'Another tab may have sent the write, and cannot be asked now',
)

/** How long a leader may take to keep how a write ended; then what is still kept of it was not settled. */
const KEPT_BY_NOW_MS = 1000

type MountMessage = Extract<UpMessage, { type: 'mount' | 'resize' | 'end' }>

interface Discard {
  promise: Promise<void>
  resolve: () => void
  reject: (error: unknown) => void
}

export interface RoomTabsOptions {
  readonly name: string
  readonly environment: Environment
  readonly schemaVersion: number
  readonly outbox: Outbox
  /** Returns those of them that are pending. */
  readonly adopt: (writes: readonly StoredWrite[], heard: HeardBy) => readonly StoredWrite[]
  readonly status: WritableReadable<ConnectionStatus>
  /** This tab has a socket of its own from here on. */
  readonly lead: () => void
  /** Another tab has one, and this is the link to it. */
  readonly follow: (link: FollowingLink) => void
  /** There is none. */
  readonly unlink: () => void
  /** What is kept is to be read again. */
  readonly reread: () => Promise<void>
  readonly resume: (options: { readonly token?: string }) => void
  readonly leading: () => LeadingLink | undefined
  readonly observe: Observe | undefined
  /** Whether another tab needs the connection may have changed. */
  readonly stepped: () => void
}

/** One room in the tabs of a browser: who has the socket, and what the others are told. */
export class RoomTabs {
  readonly role: Readable<TabRole>
  readonly #options: RoomTabsOptions
  readonly #tabs: Tabs<UpMessage, DownMessage>
  readonly #relays = new Map<string, Relay>()
  /** Tabs that need the connection. */
  readonly #wanting = new Set<string>()
  /** What tabs have asked for since this one took the lead, until it has read what is kept. */
  #early: { readonly tab: string; readonly message: MountMessage }[] = []
  /** Writes that the leader was asked to take back. */
  readonly #discards = new Map<string, Discard>()
  #following: FollowingLink | undefined
  #role: TabRole = 'follower'
  #phase: 'open' | 'closing' = 'open'

  constructor(options: RoomTabsOptions) {
    const { name, environment, outbox, status } = options
    this.#options = options
    this.#tabs = new Tabs({
      name,
      environment,
      listener: {
        joined: (tab) => this.#joined(tab),
        left: (tab) => this.#left(tab),
        heard: (tab, message) => this.#heard(tab, message),
        attached: () => this.#attached(),
        detached: () => this.#detached(),
        told: (message) => this.#hear(message),
      },
    })
    this.role = this.#tabs.role
    this.role.subscribe(() => this.#become(this.role.get()))
    const toAll = (message: DownMessage) => this.#tabs.toFollowers(message)
    status.subscribe(() => {
      if (this.#phase === 'open') toAll({ type: 'status', status: plainState(status.get()) })
    })
    outbox.failed.subscribe(() => toAll({ type: 'failed', failures: outbox.failures() }))
  }

  /** This tab has a socket of its own, or is about to. */
  get leads(): boolean {
    return this.#role !== 'follower'
  }

  /** Whether another tab needs the connection of this one. */
  get wanted(): boolean {
    return this.#wanting.size > 0
  }

  start(): void {
    this.#tabs.start()
  }

  /** This tab is about to be closed, and the others to have another leader: how a link ends here is nothing to their collections. */
  fallSilent(): void {
    this.#phase = 'closing'
  }

  stop(): void {
    this.#tabs.stop()
  }

  /** Writes of this tab are kept; failed ones are tried again with them. */
  wrote(
    writes: readonly NewWrite[],
    ords: ReadonlyMap<string, number>,
    failedGone: readonly string[] = [],
  ): void {
    const kept = writes.flatMap((write): StoredWrite[] => {
      const ord = ords.get(write.id)
      return ord === undefined ? [] : [{ ...write, ord, room: this.#options.name }]
    })
    this.#say({ type: 'wrote', writes: kept, heard: 'told' })
    this.failedGone(failedGone)
  }

  failedGone(ids: readonly string[]): void {
    if (ids.length > 0) this.#say({ type: 'failedGone', ids })
  }

  /**
   * Takes back a write, by the tab that has the socket.
   * @throws ProtocolError `write-sent`, by rejecting, when it may have been sent, or nobody can be asked.
   */
  discard(id: string): Promise<void> {
    const known = this.#discards.get(id)
    if (known) return known.promise
    const { outbox } = this.#options
    if (this.leads) return outbox.discardPending(id)
    const discard: Discard = { promise: Promise.resolve(), resolve: () => {}, reject: () => {} }
    discard.promise = new Promise((resolve, reject) => Object.assign(discard, { resolve, reject }))
    this.#discards.set(id, discard)
    const ask = () => {
      if (!this.#tabs.toLeader({ type: 'discard', id })) this.#endDiscard(id, NOBODY_LEADS)
    }
    // The leader has to hear of the write first.
    Promise.resolve(outbox.whenStored(id)).then(ask, (error: unknown) => this.#endDiscard(id, error))
    return discard.promise
  }

  #endDiscard(id: string, error: unknown): void {
    const waiting = this.#discards.get(id)
    this.#discards.delete(id)
    if (error) waiting?.reject(error)
    else waiting?.resolve()
  }

  /** After the rows that came with it. */
  settled(settled: readonly Settled[]): void {
    const results = settled.map(({ entry, result }) => ({ id: entry.id, result }))
    this.#tabs.toFollowers({ type: 'settled', results })
  }

  /** This tab has its socket: it serves what the others have asked for meanwhile. */
  led(): void {
    const early = this.#early
    this.#early = []
    for (const { tab, message } of early) this.#serve(tab, message)
  }

  /** What `keeper` hears, and the tabs whose rows have moved with it. */
  relaying(keeper: StreamKeeper): StreamKeeper {
    const moved = () => {
      for (const relay of this.#relays.values()) relay.passed()
    }
    return {
      mounted: (sub, spec, keeping) => keeper.mounted(sub, spec, keeping),
      ended: (sub) => keeper.ended(sub),
      passed: (pass, joined) => {
        keeper.passed(pass, joined)
        moved()
      },
      joined: (join) => {
        keeper.joined(join)
        moved()
      },
      extended: (extent) => {
        keeper.extended(extent)
        moved()
      },
      emptied: (sub) => keeper.emptied(sub),
    }
  }

  #say(message: Extract<UpMessage, { type: 'wrote' | 'failedGone' }>): void {
    if (!this.#tabs.toLeader(message)) this.#tabs.toFollowers(message)
  }

  #become(role: TabRole): void {
    const led = this.leads
    this.#role = role
    if (this.leads === led) return
    this.#following = undefined
    this.#relays.clear()
    this.#wanting.clear()
    this.#early = []
    if (this.leads) this.#options.lead()
    else this.#options.unlink()
  }

  #attached(): void {
    const { outbox, report, follow, reread, environment, schemaVersion, observe } = this.#around
    this.#following = new FollowingLink({
      up: (message) => void this.#tabs.toLeader(message),
      joining: (collections) => outbox.joining(collections),
      report,
      observe,
    })
    this.#tabs.toLeader({ type: 'schema', version: schemaVersion })
    this.#tabs.toLeader({ type: 'wrote', writes: outbox.kept(), heard: 'read' })
    follow(this.#following)
    // What the leader had settled and not yet kept when this tab read.
    environment.afterInBackground(KEPT_BY_NOW_MS, () => void reread().then(() => this.#askAfter()))
  }

  /** What is still kept may be settled all the same: it stays where its rows could not be kept. */
  #askAfter(): void {
    const writes = this.#options.outbox.kept()
    if (writes.length > 0) this.#tabs.toLeader({ type: 'wrote', writes, heard: 'read' })
  }

  get #around() {
    const { environment, outbox, follow, reread, schemaVersion, observe } = this.#options
    return { environment, outbox, follow, reread, schemaVersion, observe, report: environment.reportError }
  }

  #detached(): void {
    for (const id of [...this.#discards.keys()]) this.#endDiscard(id, NOBODY_LEADS)
    this.#following = undefined
    if (!this.leads) this.#options.unlink()
  }

  #joined(tab: string): void {
    const { outbox, status } = this.#options
    const to = (message: DownMessage) => this.#tabs.toFollowers(message, [tab])
    to({ type: 'status', status: plainState(status.get()) })
    to({ type: 'wrote', writes: outbox.kept() })
    to({ type: 'failed', failures: outbox.failures() })
  }

  #left(tab: string): void {
    this.#relays.get(tab)?.close()
    this.#relays.delete(tab)
    this.#early = this.#early.filter((each) => each.tab !== tab)
    if (this.#wanting.delete(tab)) this.#options.stepped()
    // It may have kept a write and not lived to say so.
    void this.#options.reread()
  }

  /** As leader. */
  #heard(tab: string, message: UpMessage): void {
    switch (message.type) {
      case 'mount':
      case 'resize':
      case 'end':
        if (this.#options.leading()) this.#serve(tab, message)
        else this.#early.push({ tab, message })
        break
      case 'wrote':
        // A tab that slept tells of what has long been settled: nobody else is to take that for pending.
        this.#tabs.toFollowers({ type: 'wrote', writes: this.#options.adopt(message.writes, message.heard) })
        this.#tellEnded(tab, message.writes)
        break
      case 'failedGone':
        this.#options.outbox.failedGone(message.ids)
        this.#tabs.toFollowers(message)
        break
      case 'discard':
        this.#discardFor(tab, message.id)
        break
      case 'want':
        if (message.wanted) this.#wanting.add(tab)
        else this.#wanting.delete(tab)
        this.#options.stepped()
        break
      case 'schema':
        // Only a tab with the newer app knows what the writes of both mean.
        if (message.version > this.#options.schemaVersion) this.#tabs.stepDown()
        break
      case 'resume':
        this.#options.resume(message.token === undefined ? {} : { token: message.token })
        break
    }
  }

  #tellEnded(tab: string, writes: readonly StoredWrite[]): void {
    const results = this.#options.outbox.endingsOf(writes)
    if (results.length > 0) this.#tabs.toFollowers({ type: 'settled', results }, [tab])
  }

  #discardFor(tab: string, id: string): void {
    const answer = (error: PlainError | null) =>
      this.#tabs.toFollowers({ type: 'discarded', id, error }, [tab])
    this.#options.outbox.discardPending(id).then(
      () => answer(null),
      (error: unknown) => answer(plainError(error instanceof SyncError ? error : NOBODY_LEADS)),
    )
  }

  #serve(tab: string, message: MountMessage): void {
    if (message.type === 'mount') this.#relayOf(tab)?.mount(message)
    else if (message.type === 'resize') this.#relays.get(tab)?.resize(message.sub, message.limit)
    else this.#relays.get(tab)?.end(message.sub)
  }

  #relayOf(tab: string): Relay | undefined {
    const known = this.#relays.get(tab)
    const leading = this.#options.leading()
    if (known || !leading) return known
    const relay = new Relay(leading, (message) => {
      if (this.#phase === 'open') this.#tabs.toFollowers(message, [tab])
    })
    this.#relays.set(tab, relay)
    return relay
  }

  /** As follower. */
  #hear(message: DownMessage): void {
    const { outbox, adopt, status } = this.#options
    switch (message.type) {
      case 'wrote':
        adopt(message.writes, 'read')
        break
      case 'settled':
        outbox.settledElsewhere(message.results)
        break
      case 'failed':
        outbox.adoptFailed(message.failures)
        break
      case 'failedGone':
        outbox.failedGone(message.ids)
        break
      case 'discarded':
        this.#endDiscard(message.id, message.error && errorOf(message.error))
        break
      case 'status':
        status.set(stateOf(message.status))
        this.#options.stepped()
        break
      default:
        this.#following?.hear(message)
    }
  }
}

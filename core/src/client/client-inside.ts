import type { CollectionHost, FedCollection } from '../collection/collection-host.ts'
import type { PendingViews } from '../collection/pending-views.ts'
import type { Writers } from '../collection/writers.ts'
import type { ObservedClient } from '../observer/sync-event.ts'
import type { Draft, Work } from '../outbox/entry.ts'
import type { Written } from '../outbox/written.ts'
import type { StoredShape } from '../persistence/room-storage.ts'
import type { PendingWrites } from '../status/pending-writes.ts'
import type { Readable } from '../status/readable.ts'
import type { RowCommit, RowPart, RowSink } from '../stream/row-commit.ts'
import type { Subscribed } from '../stream/stream.ts'
import type { SyncMode } from '../stream/stream-keeper.ts'
import type { Position, SubscriptionSpec } from '../wire/index.ts'
import type { DeviceClient, DeviceUse } from './device-use.ts'
import type { Cancel, Environment, Place } from './environment.ts'
import type { keepingOf } from './keeping-of.ts'
import type { Knows } from './knows.ts'
import type { SyncEngine } from './sync-engine.ts'
import { writeOnServer } from './write-on-server.ts'

/** Nothing that was shown is shown any more. Nobody asks where it was read. */
const NO_ROWS: RowCommit = { blocks: [], key: '', kinds: {}, as: 'replace', at: '' as Position, window: null }

export interface ClientInsideOptions
  extends Pick<ReturnType<typeof keepingOf>, 'room' | 'name' | 'device' | 'knows'> {
  readonly engine: SyncEngine
  readonly environment: Environment
  readonly observed: ObservedClient | undefined
}

/** One client as the rest of the package sees it: its engine, what it shows, and the device that it shares with others. */
export class ClientInside implements CollectionHost, DeviceClient {
  readonly room: string
  readonly engine: SyncEngine
  readonly device: DeviceUse
  readonly known: Readable<Knows>
  /** Whom its events are of; undefined when nobody hears them. */
  readonly observed: ObservedClient | undefined
  /** The collections that it feeds. */
  readonly collections = new Set<FedCollection>()
  readonly #options: ClientInsideOptions
  readonly #shown = new Set<RowSink>()
  readonly #endings: (() => void)[] = []
  #leave: () => void = () => {}
  #phase: 'open' | 'closed' = 'open'

  constructor(options: ClientInsideOptions) {
    this.#options = options
    this.room = options.name
    this.engine = options.engine
    this.device = options.device
    this.known = options.knows
    this.observed = options.observed
    this.#leave = options.device.add(this)
  }

  get environment(): Environment {
    return this.#options.environment
  }

  get place(): Place {
    return this.environment.place
  }

  get report(): (error: unknown) => void {
    return this.environment.reportError
  }

  get now(): CollectionHost['now'] {
    return this.environment.now
  }

  get later(): CollectionHost['later'] {
    return this.engine.later
  }

  get writers(): Writers {
    return this.engine.writers
  }

  get pending(): PendingViews | undefined {
    return this.engine.pending
  }

  get pendingWrites(): Readable<PendingWrites> {
    return this.engine.outbox.pending
  }

  get knows(): Knows {
    return this.#phase === 'closed' ? 'nothing yet' : this.known.get()
  }

  get isClosed(): boolean {
    return this.#phase === 'closed'
  }

  given(spec: SubscriptionSpec): StoredShape | undefined {
    return this.engine.given(spec)
  }

  mount(spec: SubscriptionSpec, sink: RowSink, syncMode: SyncMode, given?: StoredShape): Subscribed {
    const subscribed = this.engine.mount(spec, sink, syncMode, given)
    if (this.place === 'server') return subscribed
    this.#shown.add(sink)
    return {
      resize: (limit) => subscribed.resize(limit),
      end: () => {
        this.#shown.delete(sink)
        subscribed.end()
      },
    }
  }

  write(work: Work, before?: Draft['before']): Written {
    const written = this.engine.write(work, before)
    if (this.#isOffline())
      written.stored.then(
        () => this.device.wroteOffline(),
        () => {
          // Whoever wrote it hears of it.
        },
      )
    return written
  }

  /**
   * Resolves when what is kept has been read, or cannot be.
   * @throws ProtocolError `write-on-server`, by rejecting.
   */
  async whenKnown(): Promise<void> {
    if (this.place === 'server') throw writeOnServer()
    this.engine.start()
    if (this.knows !== 'nothing yet' || this.#phase === 'closed') return
    await new Promise<void>((resolve) => {
      const cancel = [this.known, this.engine.status].map(({ subscribe }) =>
        subscribe(() => {
          if (this.knows === 'nothing yet' && this.#phase === 'open') return
          for (const each of cancel) each()
          resolve()
        }),
      )
    })
  }

  /** The connection stays while it is held, once something has needed it; holding makes none. What is returned may be called twice. */
  hold(): Cancel {
    return this.engine.hold()
  }

  reread(): Promise<void> {
    return this.engine.reread()
  }

  /** Calls `end` when the client closes, or now where it has. */
  whenClosed(end: () => void): void {
    if (this.isClosed) end()
    else this.#endings.push(end)
  }

  close(outlives = this.device.outlives): Promise<void> {
    this.#phase = 'closed'
    for (const end of this.#endings.splice(0)) end()
    for (const { closed } of this.collections) closed()
    this.#leave()
    return this.engine.close(outlives)
  }

  async forget(writes: 'kept' | 'gone'): Promise<void> {
    const { room, engine } = this.#options
    const { outbox, pending } = engine
    // Before it is closed: whoever waits for rows that are kept is told of none.
    room?.forget()
    const ids = outbox.pending.get().items.map(({ id }) => id)
    const closed = this.close(writes === 'kept')
    pending?.settle(ids)
    outbox.failedGone(outbox.failed.get().items.map(({ id }) => id))
    this.#empty()
    await closed
  }

  #isOffline(): boolean {
    const { state } = this.engine.status.get()
    const isDown = state !== 'idle' && state !== 'connecting' && state !== 'connected'
    return isDown || !this.environment.online()
  }

  /** Each collection loses its rows at once. */
  #empty(): void {
    const groups = new Map<RowSink['group'], RowPart[]>()
    for (const sink of this.#shown) {
      const part = { sink, commit: NO_ROWS }
      const parts = groups.get(sink.group)
      if (parts) parts.push(part)
      else groups.set(sink.group, [part])
    }
    const { reportError } = this.environment
    for (const [group, parts] of groups) {
      const { thrown } = group.apply(parts)
      if (thrown) reportError(thrown.error)
    }
    for (const { dropPageRows } of this.collections) {
      try {
        dropPageRows()
      } catch (error) {
        reportError(error)
      }
    }
  }
}

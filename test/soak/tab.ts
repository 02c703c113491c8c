import { type Collection, createCollection } from '@tanstack/db'
import { WebSocket } from 'ws'
import type { SyncClient } from '../../core/src/index.ts'
import type { FixtureApi } from '../worker/registry.ts'
import type { FixtureRows } from '../worker/rows.ts'
import type { ClientModule } from './build.ts'
import type { FaultKind } from './fault-kind.ts'
import { Line } from './line.ts'
import { TABLES, type Table, type TabName } from './schedule.ts'
import type { SoakWorld } from './soak-world.ts'
import { WriteLedger } from './write-ledger.ts'

/** Reconnects take milliseconds here: chance is a twentieth of what it is elsewhere, and every wait is chance. */
const CHANCE = 0.05
const TIMINGS = { backoffBaseMs: 500, backoffCapMs: 4000, firstWindowMs: 400, stableMs: 200 }

export interface TabOptions {
  readonly world: SoakWorld
  readonly core: ClientModule
  readonly room: string
  readonly name: TabName
  readonly tick: () => number
  readonly random: () => number
  /** A fault of the line has come about. */
  readonly sprung: (kind: FaultKind) => void
  readonly report: (error: unknown) => void
}

type AnyCollection = Collection<object, string>

/** One client in one room: its connection, its collections, and what it wrote. */
export class Tab {
  readonly name: TabName
  readonly line: Line
  readonly client: SyncClient<FixtureApi>
  readonly ledger: WriteLedger
  /** The subscriptions through which it writes. */
  readonly rows: { readonly [T in Table]: Collection<FixtureRows[T], string> }
  /** When it connected, by the room's own count of events. */
  readonly connections: number[] = []
  readonly #make: { readonly [T in Table]: () => Collection<FixtureRows[T], string> }
  readonly #further = new Map<Table, AnyCollection>()
  readonly #unwatch: () => void

  private constructor(line: Line, { world, core, room, name, tick, random, report }: TabOptions) {
    this.name = name
    this.line = line
    this.ledger = new WriteLedger(name, tick)
    this.client = new core.SyncClient<FixtureApi>({
      transport: new core.WebSocketTransport({
        url: () => world.url(room, name, line.port),
        WebSocket: WebSocket as unknown as new (url: string) => object,
      }),
      timings: TIMINGS,
      environment: {
        ...core.defaultEnvironment(),
        random: () => random() * CHANCE,
        reportError: report,
      },
    })
    const { client } = this
    this.#make = {
      todos: () => createCollection(core.doCollectionOptions({ client, table: 'todos' })),
      notes: () => createCollection(core.doCollectionOptions({ client, table: 'notes' })),
      jobs: () => createCollection(core.doCollectionOptions({ client, table: 'jobs' })),
    }
    this.rows = { todos: this.#make.todos(), notes: this.#make.notes(), jobs: this.#make.jobs() }
    let was = this.client.status.get().state
    this.#unwatch = this.client.status.subscribe(() => {
      const { state } = this.client.status.get()
      if (state === 'connected' && was !== 'connected') this.connections.push(tick())
      was = state
    })
  }

  static async open(options: TabOptions): Promise<Tab> {
    const line = await Line.open(() => options.world.port, options.sprung)
    return new Tab(line, options)
  }

  /** Starts every subscription and waits for the first rows. */
  async load(): Promise<void> {
    await Promise.all(TABLES.map((table) => this.rows[table].preload()))
  }

  mount(table: Table): void {
    void this.#further.get(table)?.cleanup()
    const collection = this.#make[table]() as unknown as AnyCollection
    this.#further.set(table, collection)
    collection.startSyncImmediate()
  }

  /** Everything that shows rows of `table`. */
  shown(table: Table): AnyCollection[] {
    const first = this.rows[table] as unknown as AnyCollection
    const further = this.#further.get(table)
    return further ? [first, further] : [first]
  }

  /** True when a write is on its way: sent, and not decided as far as the client knows. */
  get isBusy(): boolean {
    return this.client.pendingWrites.get().items.some(({ state }) => state === 'sent')
  }

  get isConnected(): boolean {
    return this.client.status.get().state === 'connected'
  }

  /** Connected, nothing pending, and every subscription shows what the server last said. */
  get isQuiet(): boolean {
    return (
      this.isConnected && this.client.pendingWrites.get().count === 0 && this.ledger.open === 0 && this.isLive
    )
  }

  get isLive(): boolean {
    return TABLES.every((table) =>
      this.shown(table).every((collection) => phaseOf(collection) === 'live' && collection.isReady()),
    )
  }

  /** What there is to say when something went wrong. */
  describe(): unknown {
    const status = this.client.status.get()
    return {
      status: status.state,
      cause: 'cause' in status ? String(status.cause) : undefined,
      pending: this.client.pendingWrites.get().items,
      open: this.ledger.writes.filter(({ ending }) => ending === 'open'),
      phases: TABLES.map((table) => [
        table,
        ...this.shown(table).map((each) => `${phaseOf(each)} ${each.status}`),
      ]),
    }
  }

  async close(): Promise<void> {
    this.#unwatch()
    await this.client.close()
    for (const table of TABLES) for (const collection of this.shown(table)) await collection.cleanup()
    await this.line.stop()
  }
}

interface WithSyncState {
  readonly syncState: { readonly get: () => { readonly phase: string } }
}
const phaseOf = (collection: AnyCollection): string =>
  (collection.utils as unknown as WithSyncState).syncState.get().phase

import {
  doCollectionOptions,
  indexedDBStorage,
  SyncClient,
  SyncError,
  WebSocketTransport,
} from '@durable-sync/core'
import type { World } from '../../support/world.ts'
import type { FixtureApi } from '../../worker/registry.ts'
import { newestTanStack } from '../tanstack-versions.ts'
import type { Browser } from './browser.ts'
import type { Ledger } from './ledger.ts'
import type { Kind, PageGate } from './page-gate.ts'
import { type Direction, PageSocket } from './page-socket.ts'

export interface PageOptions {
  readonly world: World
  readonly room: string
  readonly browser: Browser
  readonly ledger: Ledger
  /** Whose data is kept. */
  readonly user: string
  /** Who the next socket belongs to. */
  readonly signedIn: () => string
  readonly connects: 'when told' | 'at will'
  /** What it shows: the table that is written, or another one as well. */
  readonly tables: 'one' | 'all'
}

/** Everything that a step of the model does. */
export const STEPS: readonly Kind[] = [
  'store',
  'mark',
  'compacted',
  'frame',
  'close',
  'buffer',
  'slow',
  'idle',
  'granted',
  'lost',
  'purge',
]

/** One page session: the whole client with its collections, on the browser's storage and a real socket. */
export class ReplayPage {
  readonly gate: PageGate
  readonly client
  readonly todos
  readonly jobs
  readonly user: string
  readonly sockets: PageSocket[] = []
  readonly reported: unknown[] = []
  readonly #ledger: Ledger
  readonly #tables: PageOptions['tables']
  #direction: Direction
  #admitted: number
  #dialling: { readonly pass: () => void; readonly refuse: () => void }[] = []
  /** What it has shown, of the writes of this browser. */
  readonly shown = new Set<number>()

  constructor(options: PageOptions) {
    const { world, room, browser, user, signedIn, ledger, connects, tables } = options
    const gate = browser.page()
    const { sockets } = this
    this.gate = gate
    this.#ledger = ledger
    this.user = user
    this.#tables = tables
    this.#direction = connects === 'at will' ? 'free' : 'held'
    this.#admitted = connects === 'at will' ? Number.POSITIVE_INFINITY : 0
    gate.hold(...(connects === 'when told' ? STEPS : (['idle'] as const)))
    const direction = () => this.#direction
    function Socket(url: string): PageSocket {
      const socket = new PageSocket(url, gate, direction)
      sockets.push(socket)
      return socket
    }
    const transport = new WebSocketTransport({
      url: async () => {
        await this.#mayDial()
        return world.url(room, { userId: signedIn() })
      },
      WebSocket: Socket as unknown as new (url: string) => PageSocket,
    })
    const made = gate.run(() => {
      const client = new SyncClient<FixtureApi>({
        transport,
        storage: indexedDBStorage({ name: 'app', user, durability: ledger.durability }),
        settleOn: 'device',
        keptAs: { endpoint: 'test', room },
        timings: { stableMs: 0 },
        environment: browser.environment(gate, (error) => void this.reported.push(error)),
      })
      const { createCollection } = newestTanStack
      return {
        client,
        todos: createCollection(doCollectionOptions({ client, table: 'todos' })),
        jobs: createCollection(doCollectionOptions({ client, table: 'jobs' })),
      }
    })
    this.client = made.client
    this.todos = made.todos
    this.jobs = made.jobs
    gate.run(() => {
      const look = () => void setImmediate(() => this.#look())
      if (this.#shows('jobs')) {
        this.jobs.preload().catch(() => {})
        this.jobs.subscribeChanges(look)
      }
      if (this.#shows('todos')) {
        this.todos.preload().catch(() => {})
        this.todos.subscribeChanges(look)
      }
      this.client.failedWrites.subscribe(() => {})
    })
  }

  /** The collection that is written. */
  get written() {
    return this.#ledger.table === 'jobs' ? this.jobs : this.todos
  }

  #shows(table: 'jobs' | 'todos'): boolean {
    return this.#tables === 'all' || table === this.#ledger.table
  }

  /** It shows rows, in all its collections. */
  get isReady(): boolean {
    const isReady = (table: 'jobs' | 'todos') => !this.#shows(table) || this[table].status === 'ready'
    return isReady('jobs') && isReady('todos')
  }

  get isGone(): boolean {
    return this.gate.life === 'dead'
  }

  get leads(): boolean {
    return this.client.tab.get() === 'leader'
  }

  /** The socket that it has. */
  get socket(): PageSocket | undefined {
    return this.sockets.findLast(({ isHeld }) => isHeld)
  }

  /** From here on every step waits to be told. */
  hold(): void {
    this.#direction = 'held'
    this.#admitted = 0
    this.gate.hold(...STEPS)
  }

  /** From here on nothing waits, and nothing is in the way. */
  mend(): void {
    this.#direction = 'free'
    this.#admitted = Number.POSITIVE_INFINITY
    this.gate.thaw()
    this.gate.unholdAll()
    this.socket?.serveAll()
    for (const { pass } of this.#dialling.splice(0)) pass()
  }

  async #mayDial(): Promise<void> {
    if (this.#admitted > 0) {
      this.#admitted--
      return
    }
    await new Promise<void>((resolve, reject) => {
      this.#dialling.push({
        pass: () => this.gate.pass('timer', resolve),
        refuse: () => this.gate.pass('timer', () => reject(new Error('no network'))),
      })
    })
  }

  /**
   * Lets it dial once. An attempt that waits is sent away, and the next one passes: what a page reads before it dials is of this moment.
   */
  admit(): void {
    this.#admitted = 1
    for (const { refuse } of this.#dialling.splice(0)) refuse()
  }

  /** The user writes: each write has a column, or a row, of its own, so that none hides another. */
  write(rejects: boolean): void {
    const { client, todos, jobs } = this
    const n = this.#ledger.next
    const tx = this.gate.run(() =>
      this.#ledger.table === 'jobs'
        ? // The server takes its time for the first one.
          jobs.insert({ id: `w${n}`, behaviour: 'plain', delay: n === 1 ? 250 : 0 })
        : todos.update(rejects ? 'locked' : 'k0', (draft) => {
            if (n === 1) draft.title = 'w1'
            else draft.rank = n
          }),
    )
    const id = client.pendingWrites.get().items.at(-1)?.id ?? ''
    this.#ledger.made({ n, id, page: this, rejects })
    const told = (end: string) => {
      if (!this.isGone) this.#ledger.told(n, end)
    }
    client.whenStored(tx).then(
      () => this.#ledger.stored(n),
      () => {},
    )
    client.whenConfirmed(tx).then(
      () => told('confirmed'),
      (error: unknown) => told(error instanceof SyncError ? error.code : String(error)),
    )
    tx.isPersisted.promise.catch(() => {})
    this.#look()
  }

  /** The user takes a write back, if that is still to be had. */
  async discard(n: number): Promise<'came'> {
    const id = this.#ledger.get(n)?.id ?? ''
    await this.gate.run(() => this.client.discardPending(id)).catch(() => {})
    return 'came'
  }

  shows(n: number): boolean {
    if (this.#ledger.table === 'jobs') return this.jobs.has(`w${n}`)
    const row = this.todos.get(this.#ledger.isRejected(n) ? 'locked' : 'k0')
    return n === 1 ? row?.title === 'w1' : row?.rank === n
  }

  #look(): void {
    if (!this.isGone) this.#ledger.look(this)
  }

  /** It ends in the middle of whatever it does. */
  crash(): void {
    for (const socket of this.sockets) socket.letGo()
    this.gate.end()
  }

  /** Nothing is left behind. */
  async end(): Promise<void> {
    if (!this.isGone) {
      this.mend()
      await this.gate.run(() => this.client.close())
      this.gate.end()
    }
    for (const socket of this.sockets) socket.terminateNow()
  }
}

import { createCollection } from '@tanstack/db'
import { expect, vi } from 'vitest'
import { doCollectionOptions } from '../../collection/do-collection-options.ts'
import { ConnectionError } from '../../errors.ts'
import { memoryDevice } from '../../persistence/memory-device.ts'
import type { RoomStorage } from '../../persistence/room-storage.ts'
import { FakeEnvironment } from '../../session/testing/fake-environment.ts'
import { FakeChannels } from '../../tabs/testing/fake-channels.ts'
import { FakeLocks } from '../../tabs/testing/fake-locks.ts'
import type { Transport, TransportListener } from '../../transport/transport.ts'
import { defaultEnvironment } from '../environment.ts'
import type { StorageFactory } from '../storage-factory.ts'
import { insideOf, SyncClient } from '../sync-client.ts'
import type { SyncClientOptions } from '../sync-client-options.ts'
import { ScriptedServer } from './scripted-server.ts'
import { row, type TodoApi } from './todo-room.ts'

const ENDPOINT = 'wss://x'
/** A network that is gone is said to be, and tried again, at once. */
export const IMPATIENT = { lostAfterMs: 1, firstWindowMs: 1, backoffBaseMs: 1, backoffCapMs: 2, lingerMs: 1 }

/** Waits, however slow the machine is. */
export const until = (check: () => unknown) => vi.waitFor(check, { timeout: 10_000, interval: 5 })

/** What `storage` is to one page: what is kept and who is signed out are the same for all, the objects are not. */
export function pageOf(
  storage: StorageFactory,
  otherwise: (room: RoomStorage) => Partial<RoomStorage> = () => ({}),
): StorageFactory {
  const roomOf = (room: RoomStorage): RoomStorage => ({
    load: () => room.load(),
    queue: () => room.queue(),
    commit: (change) => room.commit(change),
    revise: (revisions) => room.revise(revisions),
    hold: (keys) => room.hold(keys),
    close: () => room.close(),
    ...otherwise(room),
  })
  const open: StorageFactory['open'] = (endpoint) => {
    const device = storage.open(endpoint)
    return {
      health: device.health,
      room: (room) => roomOf(device.room(room)),
      queue: () => device.queue(),
      leftBehind: () => device.leftBehind(),
      purge: (what) => device.purge(what),
      close: () => device.close(),
    }
  }
  return { ...storage, open }
}

/** The object that all tabs show, and the network between them. */
class DistantServer extends ScriptedServer {
  network: 'on' | 'off' = 'off'
  /** How often somebody tried to reach it. */
  dials = 0
  #caller: Transport | undefined

  /** The way of one tab to it. Whoever dials last has the socket. */
  line(): Transport {
    let listener: TransportListener | undefined
    const line: Transport = {
      attach: (by) => {
        listener = by
      },
      detach: () => {
        listener = undefined
      },
      open: (request) => {
        const by = listener
        if (!by) return
        this.dials++
        if (this.network === 'on') {
          this.#caller = line
          this.attach(by)
          this.open(request)
          return
        }
        const cause = new ConnectionError('unreachable', 'no network')
        queueMicrotask(() => by.onClose(request.socket, { is: 'unreachable', cause }))
      },
      send: (socket, text) => this.#caller === line && this.send(socket, text),
      close: (socket) => {
        if (this.#caller === line) this.close(socket)
      },
    }
    return line
  }
}

export type TabOptions = Partial<Omit<SyncClientOptions, 'transport' | 'environment'>>

/**
 * One browser in which tabs show the same room with one todo, `t`. The clients are whole; locks, channels and the server are stand-ins.
 * There is no network before a test says so.
 */
export class BrowserInNode {
  readonly server = new DistantServer()
  readonly storage = memoryDevice('me')
  readonly #clients: SyncClient<TodoApi>[] = []

  constructor() {
    this.server.kinds.todos = { done: 'boolean' }
    this.server.put('todos', row('t'))
    const locks = new FakeLocks()
    const channels = new FakeChannels()
    vi.stubGlobal('navigator', { locks, onLine: true })
    // A constructor that returns an object gives that.
    vi.stubGlobal('BroadcastChannel', function open(name: string) {
      return channels.open(name)
    })
    browsers.push(this)
  }

  /** The writes that are kept of the room. */
  async keptWrites(): Promise<readonly string[]> {
    const { writes } = await this.storage.open(ENDPOINT).room('room').queue()
    return writes.map(({ id }) => id)
  }

  /** Opens a tab. It leads, or follows the one that does, and knows what is kept. */
  async open(options: TabOptions = {}) {
    const { document, window } = new FakeEnvironment()
    const reported: unknown[] = []
    const client = new SyncClient<TodoApi>({
      transport: this.server.line(),
      storage: pageOf(this.storage),
      settleOn: 'server',
      queueCommands: 'all',
      keptAs: { endpoint: ENDPOINT, room: 'room' },
      timings: IMPATIENT,
      environment: {
        ...defaultEnvironment(),
        document,
        window,
        reportError: (error) => void reported.push(error),
      },
      ...options,
    })
    this.#clients.push(client)
    client.pendingWrites.subscribe(() => {})
    await insideOf(client).whenKnown()
    const todos = createCollection(doCollectionOptions({ client, table: 'todos' }))
    return {
      client,
      todos,
      reported,
      /** The id of its only pending write, once it has heard of one. */
      pending: async () => {
        await until(() => expect(client.pendingWrites.get().count).toBe(1))
        return client.pendingWrites.get().items[0]?.id ?? ''
      },
      freeze: () => document.fire('freeze'),
      thaw: () => document.fire('resume'),
    }
  }

  /** A tab that leads and one that follows it. */
  async openTwo(options: TabOptions = {}) {
    const leader = await this.open(options)
    const follower = await this.open(options)
    expect([leader, follower].map(({ client }) => client.tab.get())).toEqual(['leader', 'follower'])
    return { leader, follower }
  }

  /** The network is tried in vain, a few times. */
  async dialInVain(): Promise<void> {
    const { dials } = this.server
    await until(() => expect(this.server.dials).toBeGreaterThan(dials + 2))
  }

  async close(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.close()))
  }
}

const browsers: BrowserInNode[] = []

/** Closes what a test has opened. */
export async function closeBrowsers(): Promise<void> {
  await Promise.all(browsers.splice(0).map((browser) => browser.close()))
  vi.unstubAllGlobals()
}

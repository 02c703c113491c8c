import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ControlVerbs, OutsideVerbs, Param, RoomStats } from '../worker/control-verbs.ts'
import type { KeptSubscription } from '../worker/kept-subscriptions.ts'
import type { Claims } from '../worker/rows.ts'
import { type FrameProxy, startFrameProxy } from './frame-proxy.ts'
import { post } from './post.ts'
import { startProxy, type TcpProxy } from './proxy.ts'
import { RawClient } from './raw-client.ts'
import type { RawOptions } from './raw-socket.ts'
import type { StoredRow } from './row-set.ts'
import { copyStorage, replaceStorage, type StorageCopy } from './storage-copy.ts'
import { type RunningWorker, startWorker } from './workerd.ts'

const ENTRY = fileURLToPath(new URL('../worker/entry.ts', import.meta.url))
const OBJECTS = {
  ROOM: 'Room',
  SESSION: 'SessionDO',
  NO_CLAIMS: 'NoClaims',
  NO_TABLE: 'NoTable',
  LOBBY: 'Lobby',
}

type Verbs = ControlVerbs & OutsideVerbs

/** Something that a control verb threw inside the object. */
export class ControlError extends Error {
  override readonly name = 'ControlError'
}

const byKey = (a: StoredRow, b: StoredRow): number => (String(a.id) < String(b.id) ? -1 : 1)

/** One fixture Worker in a real workerd, with everything that tests do to it. Its port stays the same over restarts. */
export class World {
  readonly #directory: string
  readonly #clients: RawClient[] = []
  readonly #proxies: { readonly stop: () => Promise<void> }[] = []
  #worker: RunningWorker
  #copies = 0

  private constructor(directory: string, worker: RunningWorker) {
    this.#directory = directory
    this.#worker = worker
  }

  static async create(): Promise<World> {
    const directory = await mkdtemp(join(tmpdir(), 'durable-sync-'))
    const worker = await World.#run(directory, 0)
    return new World(directory, worker)
  }

  static #run(directory: string, port: number): Promise<RunningWorker> {
    return startWorker({ script: ENTRY, objects: OBJECTS, persist: join(directory, 'objects'), port })
  }

  get port(): number {
    return this.#worker.port
  }

  /** What workerd has printed since it was last started, line by line. */
  get output(): readonly string[] {
    return this.#worker.output
  }

  // Sockets

  /** The address of a path's socket, through a proxy when its port is given. Null claims: nobody. */
  address(path: string, claims: Claims | null, port = this.port): string {
    const query = claims === null ? '' : `?claims=${encodeURIComponent(JSON.stringify(claims))}`
    return `ws://127.0.0.1:${port}${path}${query}`
  }

  /** The address of a room's socket, through a proxy when its port is given. */
  url(room: string, claims: Claims | null = { userId: 'alice' }, port = this.port): string {
    return this.address(`/sync/${encodeURIComponent(room)}`, claims, port)
  }

  /** A socket to a room that has said nothing yet. */
  connect(
    room: string,
    claims: Claims | null = { userId: 'alice' },
    options: RawOptions = {},
  ): Promise<RawClient> {
    return this.connectTo(this.url(room, claims), options)
  }

  /** A socket to any address. It is dropped with the world. */
  async connectTo(url: string, options: RawOptions = {}): Promise<RawClient> {
    const client = await RawClient.open(url, options)
    this.#clients.push(client)
    return client
  }

  /** A TCP proxy to this Worker, wherever it is. */
  async proxy(): Promise<TcpProxy> {
    const proxy = await startProxy(() => this.port)
    this.#proxies.push(proxy)
    return proxy
  }

  /** A proxy that sees frames. */
  async frameProxy(): Promise<FrameProxy> {
    const proxy = await startFrameProxy(() => this.port)
    this.#proxies.push(proxy)
    return proxy
  }

  // Rooms

  /**
   * Carries out any verb of the control route.
   * @throws ControlError with the message of what was thrown.
   */
  async control<V extends keyof Verbs>(
    room: string,
    verb: V,
    args: Verbs[V]['args'],
  ): Promise<Verbs[V]['result']> {
    const answer = await post(
      this.port,
      `/control/${encodeURIComponent(room)}/${String(verb)}`,
      JSON.stringify(args),
    )
    if (answer.status !== 200) throw new ControlError(answer.text)
    return JSON.parse(answer.text) as Verbs[V]['result']
  }

  /** Runs a statement through the library's `sql`, which announces what it writes. */
  sql(room: string, statement: string, ...params: Param[]): Promise<Record<string, unknown>[]> {
    return this.control(room, 'sql', { statement, params, via: 'sync' })
  }

  /** Runs a statement through `ctx.storage.sql`, past the library: triggers see it, nothing is announced before `flush`. */
  storageSql(room: string, statement: string, ...params: Param[]): Promise<Record<string, unknown>[]> {
    return this.control(room, 'sql', { statement, params, via: 'storage' })
  }

  /** The rows of a table in storage values, in key order: what every client must end up with. */
  async rows(room: string, table: string): Promise<StoredRow[]> {
    return (await this.control(room, 'rows', { table })).sort(byKey)
  }

  stats(room: string): Promise<RoomStats> {
    return this.control(room, 'stats', {})
  }

  /** Joined subscriptions, as they outlive a sleep of the object. */
  subscriptions(room: string): Promise<KeptSubscription[]> {
    return this.control(room, 'subscriptions', {})
  }

  /** Starts the counts of `stats` again from zero. */
  async resetCounts(room: string): Promise<void> {
    await this.control(room, 'resetCounts', {})
  }

  async flush(room: string): Promise<void> {
    await this.control(room, 'flush', {})
  }

  /** Compacts the log now, however short it is. */
  async compact(room: string): Promise<void> {
    await this.control(room, 'compact', {})
  }

  /** Prunes the log up to the newest era. An instance that writes begins one, so positions from before an eviction and a write go. */
  async prune(room: string, before = Number.MAX_SAFE_INTEGER): Promise<void> {
    await this.control(room, 'prune', { before })
  }

  /** Takes the object out of memory as hibernation does: its sockets stay open, the next event constructs it again. */
  async evict(room: string): Promise<void> {
    await this.control(room, 'evict', { webSockets: 'hibernate' })
  }

  /** Ends the object at once: its sockets see 1006, the next request constructs it again. */
  async abort(room: string): Promise<void> {
    await this.control(room, 'abort', {})
  }

  /** Moves the clock of every object ahead by this much, until the process ends. */
  async setClock(aheadMs: number): Promise<void> {
    await this.control('clock', 'clock', { aheadMs })
  }

  // Storage

  /** A copy of the room's database as it is on disk now. Sockets stay open: the process is frozen meanwhile. */
  async storageCopy(room: string): Promise<StorageCopy> {
    const id = await this.control(room, 'id', {})
    const target = join(this.#directory, `copy-${++this.#copies}`)
    this.#worker.freeze()
    try {
      return await copyStorage(join(this.#directory, 'objects'), OBJECTS.ROOM, id, target)
    } finally {
      this.#worker.thaw()
    }
  }

  /** Kills the process, puts `copy` in place of the room's database (null: wipes it), and starts again. */
  async restore(room: string, copy: StorageCopy | null): Promise<void> {
    const id = await this.control(room, 'id', {})
    await this.#worker.kill()
    await replaceStorage(join(this.#directory, 'objects'), OBJECTS.ROOM, id, copy)
    await this.start()
  }

  // The process

  /** Kills the process and leaves it so: connections see 1006, new ones are refused. */
  kill(): Promise<void> {
    return this.#worker.kill()
  }

  /** Starts the process again on the same port with what is on disk. */
  async start(): Promise<void> {
    this.#worker = await World.#run(this.#directory, this.port)
  }

  async restart(): Promise<void> {
    await this.#worker.stop()
    await this.start()
  }

  /** Silence: the process does nothing any more while its connections stay open. */
  freeze(): void {
    this.#worker.freeze()
  }

  thaw(): void {
    this.#worker.thaw()
  }

  /** Ends everything that this world started and removes its files. */
  async stop(): Promise<void> {
    for (const client of this.#clients) client.drop()
    for (const proxy of this.#proxies) await proxy.stop()
    await this.#worker.stop()
    await rm(this.#directory, { recursive: true, force: true })
  }
}

/** A running fixture. Stop it in `afterAll`. */
export const createWorld = (): Promise<World> => World.create()

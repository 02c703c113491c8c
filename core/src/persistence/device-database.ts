import { createReadable, type Readable } from '../status/readable.ts'
import { type BlindOp, type Durability, writeBlindly } from './blind-write.ts'
import { carryOver } from './carry-over.ts'
import type { ConnectionTimings } from './connection-timings.ts'
import { DatabaseConnection, Unavailable } from './database-connection.ts'
import {
  BALLAST,
  type Database,
  databaseName,
  newBirth,
  type Owner,
  type StoreName,
} from './database-layout.ts'
import type { DeviceSurroundings } from './device-surroundings.ts'
import { dropOps } from './kept-shape.ts'
import { fenceKey, Purged, raiseFence } from './purge-fence.ts'
import { PurgeSignal } from './purge-signal.ts'
import { readQueue } from './read-room.ts'
import { leftBehind, markPurged, register, sweep } from './registry.ts'
import { RoomDatabase } from './room-database.ts'
import type { DeviceStorage, LeftBehind, RoomStorage, StoredQueue } from './room-storage.ts'
import type { Purge } from './storage-health.ts'
import { purgedHealth, type StorageHealth } from './storage-health.ts'

export interface DeviceOptions {
  readonly owner: Owner
  readonly format: number
  readonly durability: Durability
  readonly timings: ConnectionTimings
  readonly closed: () => void
}

/** All rooms of one user of one endpoint, in one database. */
export class DeviceDatabase implements DeviceStorage {
  readonly health: Readable<StorageHealth>
  readonly #health = createReadable<StorageHealth>({ is: 'idle' })
  readonly #options: DeviceOptions
  readonly #name: string
  readonly #connection: DatabaseConnection
  readonly #rooms = new Map<string, RoomDatabase>()
  readonly #surroundings: DeviceSurroundings
  #purgeSignal: PurgeSignal | undefined
  /** Which database it was that was open last. */
  #birth: string | undefined

  constructor(options: DeviceOptions) {
    this.#options = options
    this.#name = databaseName(options.owner, options.format)
    this.health = this.#health
    const opened = (database: Database) => this.#opened(database)
    const unavailable = ({ why, cause }: Unavailable) => this.#tell({ is: 'memory', why, cause })
    this.#connection = new DatabaseConnection(this.#name, { opened, unavailable }, options.timings)
    this.#surroundings = {
      durability: options.durability,
      use: (work) => this.#use(work),
      makeRoom: (room, cause) => this.#makeRoom(room, cause),
      keptRows: () => {
        if (this.#health.get().is !== 'full') return
        this.#tell({ is: 'durable' })
        void this.#giveBallast()
      },
      whenIdle,
      closed: (room) => void this.#rooms.delete(room),
      report: (error) =>
        queueMicrotask(() => {
          throw error
        }),
    }
  }

  room(name: string): RoomStorage {
    const room = this.#rooms.get(name) ?? new RoomDatabase(name, this.#surroundings)
    room.use()
    this.#rooms.set(name, room)
    return room
  }

  async queue(): Promise<StoredQueue> {
    try {
      return await this.#use(readQueue)
    } catch {
      // What is in memory only is in the rooms that are open, and they know it.
      return { writes: [], failed: [] }
    }
  }

  leftBehind(): Promise<readonly LeftBehind[]> {
    return leftBehind(this.#name)
  }

  async purge(what: Purge = 'everything'): Promise<void> {
    this.#purgeSignal ??= this.#listen()
    // Others first: what they keep meanwhile would lie there after it was cleared.
    await this.#purgeSignal.send(what)
    try {
      await this.#connection.use(async (database) => {
        const birth = (await database.get('spare', 'birth')) ?? ''
        await writeBlindly(database, purgeOps(what, birth), 'strict', 'past')
      })
      if (what === 'everything') await markPurged(this.#name)
    } catch (error) {
      // Where there is no database, there is nothing in it.
      if (!(error instanceof Unavailable && (error.why === 'absent' || error.why === 'denied'))) throw error
    }
    this.#end('purged', what)
  }

  async close(): Promise<void> {
    await Promise.all([...this.#rooms.values()].map((room) => room.close()))
    this.#end('closed')
  }

  /** Runs before anything else is done on a new connection. */
  async #opened(database: Database): Promise<void> {
    const first = this.#birth === undefined
    const birth = (await database.get('spare', 'birth')) ?? ''
    await this.#mustBeSignedIn(database)
    raiseFence(database, birth)
    // Not only into one that is new: a tab with older code may have written since.
    if (first) await carryOver(database, this.#options)
    // Deleted under the page, and perhaps made again by another tab: the writes that were in it are still here.
    const lost = this.#birth !== undefined && this.#birth !== birth ? 'all' : 'in memory'
    for (const room of this.#rooms.values()) await room.restore(database, lost)
    this.#birth = birth
    if (this.#health.get().is !== 'full') this.#tell({ is: 'durable' })
    if (first) whenIdle(() => void register(this.#options, this.#name).then(sweep))
  }

  #listen(): PurgeSignal {
    return new PurgeSignal(this.#name, (what) => this.#end('purged', what))
  }

  /** Runs `work`; where another tab has signed the user out meanwhile, this one has heard it now. */
  async #use<T>(work: (database: Database) => Promise<T>): Promise<T> {
    // Before anything is opened: whoever signs out meanwhile is heard, also where there is no database.
    if (this.#health.get().is !== 'closed') this.#purgeSignal ??= this.#listen()
    try {
      return await this.#connection.use(work)
    } catch (error) {
      if (error instanceof Purged) this.#end('purged', await this.#whatWasPurged())
      throw error
    }
  }

  async #whatWasPurged(): Promise<Purge> {
    try {
      const key = fenceKey(this.#birth ?? '')
      return ((await this.#connection.use((database) => database.get('spare', key))) as Purge) ?? 'everything'
    } catch {
      return 'everything'
    }
  }

  /** What this tab knows must not be put back into a database whose user has signed out. */
  async #mustBeSignedIn(database: Database): Promise<void> {
    if (this.#birth === undefined) return
    const purged = await database.get('spare', fenceKey(this.#birth))
    if (purged === undefined) return
    this.#end('purged', purged as Purge)
    throw new Purged()
  }

  /** Room for writes the next time that the disk is full. */
  async #giveBallast(): Promise<void> {
    const ballast: BlindOp = { do: 'put', store: 'spare', key: 'ballast', value: BALLAST }
    try {
      await this.#use((database) => writeBlindly(database, [ballast], 'relaxed'))
    } catch {
      // There is none then.
    }
  }

  async #makeRoom(room: string, cause: unknown): Promise<void> {
    this.#tell({ is: 'full', cause })
    await this.#use(async (database) => {
      const cut = database.transaction('used', 'readonly')
      const [keys, times] = await Promise.all([cut.store.getAllKeys(), cut.store.getAll()])
      const others = keys
        .map((key, i) => ({ key, at: times[i] ?? 0 }))
        .filter(({ key }) => key[0] !== room && !this.#rooms.has(key[0]))
        .sort((a, b) => a.at - b.at)
      const oldest = others.slice(0, Math.ceil(others.length / 2))
      await writeBlindly(
        database,
        [
          { do: 'delete', store: 'spare', key: 'ballast' },
          ...oldest.flatMap(({ key: [of, shape] }) => dropOps(of, shape)),
        ],
        'relaxed',
      )
    })
  }

  #end(why: 'closed' | 'purged', what: Purge = 'everything'): void {
    if (this.#health.get().is === 'closed') return
    if (why === 'purged') for (const room of this.#rooms.values()) room.forget()
    this.#connection.end()
    this.#purgeSignal?.end()
    this.#health.set(why === 'purged' ? purgedHealth(what) : { is: 'closed', why })
    this.#options.closed()
  }

  #tell(health: StorageHealth): void {
    const { is } = this.#health.get()
    if (is !== 'closed' && !(is === 'durable' && health.is === 'durable')) this.#health.set(health)
  }
}

const ROWS: readonly StoreName[] = ['heads', 'segs', 'log', 'thru', 'used']
const WRITES: readonly StoreName[] = ['writes', 'marks', 'failed']

/** Whoever has opened the database before can write no more, and who opens it from now on can. */
const purgeOps = (what: Purge, birth: string): BlindOp[] => [
  ...storesOf(what).map((store): BlindOp => ({ do: 'clear', store })),
  { do: 'put', store: 'spare', key: fenceKey(birth), value: what },
  { do: 'put', store: 'spare', key: 'birth', value: newBirth() },
]

function storesOf(what: Purge): readonly StoreName[] {
  switch (what) {
    case 'rows':
      return ROWS
    case 'writes':
      return WRITES
    case 'everything':
      return [...ROWS, ...WRITES]
    case 'nothing':
      return []
  }
}

function whenIdle(task: () => void): void {
  if (typeof requestIdleCallback === 'function') requestIdleCallback(task, { timeout: 5000 })
  else setTimeout(task, 200)
}

import { Signal } from '../client/signal.ts'
import { LazyPart } from '../lazy-part.ts'
import { createReadable, type Readable } from '../status/readable.ts'
import { DeferredRoom } from './deferred-room.ts'
import type { DeviceStorage, LeftBehind, RoomStorage, StoredQueue } from './room-storage.ts'
import type { Purge, StorageHealth } from './storage-health.ts'

/**
 * unasked  nobody has used it.
 * loading  its code is on its way.
 * late     the same, and whoever reads is not kept waiting any more.
 * there    the device is.
 * missing  its code is not to be had for now: nothing is kept, and it is tried again, or still waited for.
 * closed   for good, while its code was missing.
 */
type Phase = 'unasked' | 'loading' | 'late' | 'there' | 'missing' | 'closed'

export interface DeferredDeviceOptions {
  /** Loads the code, and makes the device. Called again where it fails. */
  readonly load: () => Promise<DeviceStorage>
  /** How long whoever reads waits for the code, in milliseconds. */
  readonly loadMs: number
}

/** Whoever writes waits so many times longer than whoever reads: an import may hang for as long as the page lives, and no write would be sent. */
const PATIENCE = 10

const nothing = () => {}
const notYet = () => new Error('the code of the storage has not been loaded yet')
const EMPTY: StoredQueue = { writes: [], failed: [] }

/**
 * A device whose code is loaded when it is used. What is asked of it meanwhile waits, in order; only reading does not wait for ever, because rows
 * that the server has wait for it. Where the code is late it is like a database that does not answer, where it is missing, or very late, like one that fails,
 * until it is there: then what was written meanwhile is kept.
 */
export class DeferredDevice implements DeviceStorage {
  readonly health: Readable<StorageHealth>
  readonly #health = createReadable<StorageHealth>({ is: 'idle' })
  readonly #options: DeferredDeviceOptions
  /** It is known whether the code is there in time. */
  readonly #decided = new Signal()
  readonly #code: LazyPart<DeviceStorage>
  readonly #rooms = new Set<DeferredRoom>()
  #phase: Phase = 'unasked'
  #device: Promise<DeviceStorage> | undefined

  constructor(options: DeferredDeviceOptions) {
    this.#options = options
    this.#code = new LazyPart(options.load)
    this.health = this.#health
  }

  /** Loads the code before it is needed. */
  begin(): void {
    void this.#there()
  }

  room(name: string): RoomStorage {
    const room = new DeferredRoom({
      open: async () => (await this.#there()).room(name),
      inTime: () => this.#inTime(),
    })
    this.#rooms.add(room)
    return room
  }

  async queue(): Promise<StoredQueue> {
    const queue = this.#there().then((device) => device.queue())
    const answer = queue.catch(() => EMPTY)
    return (await this.#inTime()) ? answer : EMPTY
  }

  async leftBehind(): Promise<readonly LeftBehind[]> {
    return (await this.#there()).leftBehind()
  }

  async purge(what?: Purge): Promise<void> {
    const device = this.#there()
    if (!(await this.#inTime())) throw notYet()
    return (await device).purge(what)
  }

  async close(): Promise<void> {
    this.#giveUp()
    // Where it is not there, nothing is open.
    await this.#device?.then((device) => device.close(), nothing)
    // It may have turned out only now.
    this.#giveUp()
  }

  /** What is missing is tried no more. */
  #giveUp(): void {
    if (this.#phase === 'missing') this.#phase = 'closed'
  }

  #there(): Promise<DeviceStorage> {
    if (this.#device) return this.#device
    this.#device = this.#load()
    // Its health says so.
    this.#device.catch(nothing)
    return this.#device
  }

  #load(): Promise<DeviceStorage> {
    const { loadMs } = this.#options
    this.#phase = 'loading'
    const timer = setTimeout(() => {
      this.#become('late')
      this.#health.set({ is: 'memory', why: 'timeout', cause: undefined })
    }, loadMs)
    return new Promise((resolve, reject) => {
      const end = setTimeout(() => {
        this.#become('missing')
        reject(notYet())
      }, PATIENCE * loadMs)
      const arrived = (device: DeviceStorage) => {
        clearTimeout(timer)
        clearTimeout(end)
        this.#arrived(device)
        resolve(device)
      }
      this.#code.whenThere(arrived, {
        later: (task, ms) => void setTimeout(task, ms),
        failed: (cause) => {
          clearTimeout(timer)
          clearTimeout(end)
          if (this.#phase === 'missing') return
          this.#become('missing')
          this.#health.set({ is: 'memory', why: 'broken', cause })
          reject(cause)
        },
        wants: () => this.#phase !== 'closed',
      })
    })
  }

  #arrived(device: DeviceStorage): void {
    const wasMissing = this.#phase === 'missing'
    this.#device = Promise.resolve(device)
    this.#become('there')
    device.health.subscribe(() => this.#health.set(device.health.get()))
    if (!wasMissing) return
    for (const room of this.#rooms) room.carry()
    // Nobody waits for it any more: it is opened for the sake of what is in it.
    void device.queue()
  }

  #become(phase: Phase): void {
    this.#phase = phase
    this.#decided.now()
  }

  async #inTime(): Promise<boolean> {
    await this.#decided.given
    return this.#phase !== 'late'
  }
}

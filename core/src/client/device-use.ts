import { ProtocolError } from '../errors.ts'
import type { DeviceStorage } from '../persistence/room-storage.ts'
import type { StorageHealth } from '../persistence/storage-health.ts'
import { createReadable } from '../status/readable.ts'
import type { Environment } from './environment.ts'
import { type LogoutOptions, mayLogOut, purgeOf } from './logout.ts'
import type { StorageReadable, StorageStatus, StorageUsage } from './storage-status.ts'
import type { RoomOfWrites } from './unsettled-writes.ts'

/** A client, as far as signing out concerns it. */
export interface DeviceClient extends RoomOfWrites {
  /** Closes it, and takes off the screen what it shows. Its writes stay on this device, or do not. */
  forget(writes: 'kept' | 'gone'): Promise<void>
  /** There is more to read than there was. Resolves when it has been read. Never rejects. */
  reread(): Promise<void>
}

const NOT_KEPT: StorageHealth = { is: 'memory', why: 'absent', cause: undefined }

/** All clients of this page that keep what they have in one storage; or one that keeps it nowhere. They sign out together. */
export class DeviceUse {
  readonly status: StorageReadable
  readonly #device: DeviceStorage | undefined
  readonly #environment: Environment
  readonly #clients = new Set<DeviceClient>()
  readonly #status
  #phase: 'open' | 'over' = 'open'
  #promise: 'not asked' | 'asked' = 'not asked'
  /** Of a database that answered late. */
  #rereading: Promise<unknown> | undefined

  constructor(device: DeviceStorage | undefined, environment: Environment) {
    this.#device = device
    this.#environment = environment
    const health = device?.health.get() ?? NOT_KEPT
    this.#status = createReadable<StorageStatus>({ health, persisted: 'unknown' })
    this.status = {
      get: this.#status.get,
      subscribe: this.#status.subscribe,
      usage: () => this.#usage(),
    }
    device?.health.subscribe(() => this.#healthChanged(device.health.get()))
  }

  /** Whether the user has signed out, here or in another tab: nothing opens any more. */
  get isOver(): boolean {
    return this.#phase === 'over'
  }

  /** Whether what is kept now is still there for the next client. */
  get outlives(): boolean {
    const { is } = this.#status.get().health
    return this.#device !== undefined && is !== 'memory' && is !== 'closed'
  }

  /** `client` keeps what it has here, until what is returned is called. */
  add(client: DeviceClient): () => void {
    if (this.#phase === 'over') void client.forget('gone')
    else this.#clients.add(client)
    return () => void this.#clients.delete(client)
  }

  /** A write is kept that cannot be sent for now: it must not be cleared by the browser. The browser is asked once, it may ask the user. */
  async wroteOffline(): Promise<void> {
    if (this.#promise === 'asked' || !this.#device) return
    this.#promise = 'asked'
    try {
      const manager = this.#environment.storageManager()
      const persisted = (await manager?.persisted?.()) || (await manager?.persist?.())
      if (persisted !== undefined) this.#status.set({ ...this.#status.get(), persisted })
    } catch {
      // It is not known then.
    }
  }

  /**
   * The user signs out: see `LogoutOptions`. Every client closes, in every tab.
   * @throws ProtocolError `unsent-writes`, `purge-failed`, by rejecting.
   */
  async logout(options: LogoutOptions): Promise<void> {
    // On a server nothing is kept.
    const device = this.#environment.place === 'server' ? undefined : this.#device
    // In a database that answers now may be writes that no client has read yet.
    await device?.queue()
    await this.#rereading
    const { health } = this.#status.get()
    const silent = health.is === 'memory' && (health.why === 'timeout' || health.why === 'broken')
    if (silent && options.pending !== 'discard')
      throw new ProtocolError(
        'purge-failed',
        'What is kept on this device cannot be read now, and writes in it would be lost. Log out again later, or say `pending: "discard"`',
        { cause: health.cause },
      )
    await mayLogOut(device, this.#clients, options)
    await this.#forget(options.pending === 'keep' ? 'kept' : 'gone')
    try {
      await device?.purge(purgeOf(options))
    } catch (cause) {
      throw new ProtocolError(
        'purge-failed',
        'What is kept of the user on this device could not be forgotten; log out again',
        { cause },
      )
    }
  }

  #healthChanged(health: StorageHealth): void {
    const before = this.#status.get().health
    // Before anybody is told: who signs out then waits for it.
    if (before.is === 'memory' && health.is === 'durable')
      this.#rereading = Promise.all([...this.#clients].map((client) => client.reread()))
    this.#status.set({ ...this.#status.get(), health })
    if (health.is === 'closed' && health.why === 'purged') void this.#forget(health.left ? 'kept' : 'gone')
  }

  async #forget(writes: 'kept' | 'gone'): Promise<void> {
    this.#phase = 'over'
    const clients = [...this.#clients]
    this.#clients.clear()
    await Promise.all(clients.map((client) => client.forget(writes)))
  }

  async #usage(): Promise<StorageUsage | undefined> {
    if (this.#environment.place === 'server') return undefined
    try {
      const { usage, quota } = (await this.#environment.storageManager()?.estimate?.()) ?? {}
      return usage === undefined || quota === undefined ? undefined : { usage, quota }
    } catch {
      return undefined
    }
  }
}

const uses = new WeakMap<DeviceStorage, DeviceUse>()

/** The same for everybody who keeps something in `device`. */
export function deviceUse(device: DeviceStorage, environment: Environment): DeviceUse {
  const known = uses.get(device) ?? new DeviceUse(device, environment)
  uses.set(device, known)
  return known
}

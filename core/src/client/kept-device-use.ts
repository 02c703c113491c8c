import { ProtocolError } from '../errors.ts'
import type { DeviceStorage } from '../persistence/room-storage.ts'
import type { StorageHealth } from '../persistence/storage-health.ts'
import { createReadable, type WritableReadable } from '../status/readable.ts'
import { DeviceUse } from './device-use.ts'
import type { Environment } from './environment.ts'
import { type LogoutOptions, mayLogOut, purgeOf } from './logout.ts'
import type { StorageStatus } from './storage-status.ts'

/** All clients of this page that keep what they have in one storage. They sign out together. */
export class KeptDeviceUse extends DeviceUse {
  readonly #device: DeviceStorage
  readonly #environment: Environment
  readonly #status: WritableReadable<StorageStatus>
  #promise: 'not asked' | 'asked' = 'not asked'
  /** Of a database that answered late. */
  #rereading: Promise<unknown> | undefined

  constructor(device: DeviceStorage, environment: Environment) {
    const status = createReadable<StorageStatus>({ health: device.health.get(), persisted: 'unknown' })
    super(environment, status)
    this.#device = device
    this.#environment = environment
    this.#status = status
    device.health.subscribe(() => this.#healthChanged(device.health.get()))
  }

  override get outlives(): boolean {
    const { is } = this.#status.get().health
    return is !== 'memory' && is !== 'closed'
  }

  /** The browser is asked once not to clear it, because it may ask the user. */
  override async wroteOffline(): Promise<void> {
    if (this.#promise === 'asked') return
    this.#promise = 'asked'
    try {
      const manager = this.#environment.storageManager()
      const persisted = (await manager?.persisted?.()) || (await manager?.persist?.())
      if (persisted !== undefined) this.#status.set({ ...this.#status.get(), persisted })
    } catch {
      // It is not known then.
    }
  }

  /** @throws ProtocolError `unsent-writes`, `purge-failed`, by rejecting. */
  override async logout(options: LogoutOptions): Promise<void> {
    // On a server nothing is kept.
    if (this.#environment.place === 'server') return super.logout(options)
    // In a database that answers now may be writes that no client has read yet.
    await this.#device.queue()
    await this.#rereading
    const { health } = this.#status.get()
    const silent = health.is === 'memory' && (health.why === 'timeout' || health.why === 'broken')
    if (silent && options.pending !== 'discard')
      throw new ProtocolError(
        'purge-failed',
        'What is kept on this device cannot be read now, and writes in it would be lost. Log out again later, or say `pending: "discard"`',
        { cause: health.cause },
      )
    await mayLogOut(this.#device, this.clients, options)
    await this.forget(options.pending === 'keep' ? 'kept' : 'gone')
    try {
      await this.#device.purge(purgeOf(options))
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
      this.#rereading = Promise.all([...this.clients].map((client) => client.reread()))
    this.#status.set({ ...this.#status.get(), health })
    if (health.is === 'closed' && health.why === 'purged') void this.forget(health.left ? 'kept' : 'gone')
  }
}

const uses = new WeakMap<DeviceStorage, DeviceUse>()

/** The same for everybody who keeps something in `device`. */
export function deviceUse(device: DeviceStorage, environment: Environment): DeviceUse {
  const known = uses.get(device) ?? new KeptDeviceUse(device, environment)
  uses.set(device, known)
  return known
}

import { createReadable, type Readable } from '../status/readable.ts'
import type { Environment } from './environment.ts'
import { type LogoutOptions, mayLogOut } from './logout.ts'
import type { StorageReadable, StorageStatus, StorageUsage } from './storage-status.ts'
import type { RoomOfWrites } from './unsettled-writes.ts'

/** A client, as far as signing out concerns it. */
export interface DeviceClient extends RoomOfWrites {
  /** Closes it, and takes off the screen what it shows. Its writes stay on this device, or do not. */
  forget(writes: 'kept' | 'gone'): Promise<void>
  /** There is more to read than there was. Resolves when it has been read. Never rejects. */
  reread(): Promise<void>
}

const NOT_KEPT: StorageStatus = {
  health: { is: 'memory', why: 'absent', cause: undefined },
  persisted: 'unknown',
}

/** The clients of this page that sign out together. These keep what they have nowhere: see `KeptDeviceUse`. */
export class DeviceUse {
  readonly status: StorageReadable
  readonly #environment: Environment
  readonly #clients = new Set<DeviceClient>()
  #phase: 'open' | 'over' = 'open'

  constructor(environment: Environment, status: Readable<StorageStatus> = createReadable(NOT_KEPT)) {
    const { get, subscribe } = status
    this.#environment = environment
    this.status = { get, subscribe, usage: () => this.#usage() }
  }

  /** Whether the user has signed out, here or in another tab: nothing opens any more. */
  get isOver(): boolean {
    return this.#phase === 'over'
  }

  /** Whether what is kept now is still there for the next client. */
  get outlives(): boolean {
    return false
  }

  get clients(): Iterable<DeviceClient> {
    return this.#clients
  }

  /** `client` keeps what it has here, until what is returned is called. */
  add(client: DeviceClient): () => void {
    if (this.#phase === 'over') void client.forget('gone')
    else this.#clients.add(client)
    return () => void this.#clients.delete(client)
  }

  /** A write is kept that cannot be sent for now: it must not be cleared by the browser. */
  async wroteOffline(): Promise<void> {}

  /**
   * The user signs out: see `LogoutOptions`. Every client closes, in every tab.
   * @throws ProtocolError `unsent-writes`, by rejecting.
   */
  async logout(options: LogoutOptions): Promise<void> {
    await mayLogOut(undefined, this.#clients, options)
    await this.forget(options.pending === 'keep' ? 'kept' : 'gone')
  }

  /** Every client closes, for good. */
  async forget(writes: 'kept' | 'gone'): Promise<void> {
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

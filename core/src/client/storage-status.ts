import type { StorageHealth } from '../persistence/storage-health.ts'
import type { Readable } from '../status/readable.ts'

/** How well this device keeps what belongs to the user. */
export interface StorageStatus {
  readonly health: StorageHealth
  /**
   * Whether the browser has promised not to clear it by itself. It is asked once, after the first write that was made offline. `unknown`
   * before that, and where the platform has no word for it.
   */
  readonly persisted: boolean | 'unknown'
}

/** In bytes, of the whole origin, as the browser estimates it. */
export interface StorageUsage {
  readonly usage: number
  readonly quota: number
}

export interface StorageReadable extends Readable<StorageStatus> {
  /** Undefined where the platform does not say. */
  readonly usage: () => Promise<StorageUsage | undefined>
}

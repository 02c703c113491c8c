import type { DeviceStorage } from '../persistence/room-storage.ts'
import type { ClientKeeping } from './client-keeping.ts'
import type { DeviceUse } from './device-use.ts'
import type { Environment, Place } from './environment.ts'
import type { MigrateMutation } from './migrate-mutation.ts'

/** Makes the storage of one endpoint. Making one touches nothing of the platform. */
export interface StorageFactory {
  /** Of the app: tabs that give the same one, and the same user, show each other what is pending. */
  readonly name: string
  /** Whose data it is; must be the principal that the server names. */
  readonly user: string
  /** The same storage for the same endpoint, until it is closed; `indexedDBStorage` makes one of its own for whoever asks on a server. Default `place`: `page`. */
  open(endpoint: string, place?: Place): DeviceStorage
  /** What a client makes of it. */
  readonly keeping: Keeping
}

export interface KeepingOptions {
  readonly schemaVersion?: number
  readonly migrateMutation?: MigrateMutation
  readonly storage: StorageFactory
  readonly keptAs: { readonly endpoint: string; readonly room: string }
  readonly environment: Environment
}

/**
 * What a client makes of a storage. Law: it hangs on the storage and is imported by those who make one, and by nobody else, so that a page
 * that keeps nothing loads none of it.
 */
export interface Keeping {
  readonly device: (device: DeviceStorage, environment: Environment) => DeviceUse
  readonly client: (options: KeepingOptions) => ClientKeeping
}

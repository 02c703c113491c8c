import { ProtocolError } from '../errors.ts'
import type { Durability } from './blind-write.ts'
import { CONNECTION_TIMINGS, type ConnectionTimings } from './database-connection.ts'
import { FORMAT } from './database-layout.ts'
import { DeviceDatabase } from './device-database.ts'
import type { DeviceStorage, StorageFactory } from './room-storage.ts'

export interface IndexedDBStorageOptions {
  /** Of the app. Two apps on one origin that share it share what is kept. */
  readonly name: string
  /**
   * Who is signed in, as the server names them: of their claims `sub`, else `userId`, else `id`, unless `registerSync` is told otherwise.
   * Another user's data is in another database.
   */
  readonly user: string
  /**
   * Of writes. `relaxed`: they survive the end of the page and of the browser, and may be lost with the power within seconds. `strict`:
   * they survive that too, and take longer. Default: `relaxed`.
   */
  readonly durability?: Durability
  /** In milliseconds. Only tests hand in their own. */
  readonly timings?: Partial<ConnectionTimings>
  /** Only tests hand in their own. */
  readonly format?: number
}

/**
 * Keeps rows and unsent writes in IndexedDB. Nothing of the platform is touched before it is used, so that it may be made where there is
 * no database: on a server, in the module scope of a Worker. Where there is none, or it fails, everything is kept in memory; `health`
 * says so.
 * @throws ProtocolError `storage-user-missing`.
 */
export function indexedDBStorage(options: IndexedDBStorageOptions): StorageFactory {
  const { name: app, user, durability = 'relaxed', timings, format = FORMAT } = options
  if (typeof user !== 'string' || user === '')
    throw new ProtocolError(
      'storage-user-missing',
      '`user` is who is signed in, as the server names them; it is empty',
    )
  const devices = new Map<string, DeviceStorage>()
  return {
    name: app,
    user,
    open: (endpoint) => {
      const device =
        devices.get(endpoint) ??
        new DeviceDatabase({
          owner: { app, endpoint, user },
          format,
          durability,
          timings: { ...CONNECTION_TIMINGS, ...timings },
          closed: () => void devices.delete(endpoint),
        })
      devices.set(endpoint, device)
      return device
    },
  }
}

import { defaultEnvironment } from '../client/environment.ts'
import { KEEPING } from '../client/keeping.ts'
import type { StorageFactory } from '../client/storage-factory.ts'
import { ProtocolError } from '../errors.ts'
import type { Durability } from './blind-write.ts'
import { CONNECTION_TIMINGS, type ConnectionTimings } from './connection-timings.ts'
import { DeferredDevice } from './deferred-device.ts'

export interface IndexedDBStorageOptions {
  /** Of the app. Two apps on one origin that share it share what is kept. */
  readonly name: string
  /**
   * Who is signed in, as the server names them: of their claims `sub`, else `userId`, else `id`, unless `registerSync` is told otherwise.
   * Another user's data is in another database. On a server, which keeps nothing, it may be empty.
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
 * no database: on a server, in the module scope of a Worker. What works with the database is loaded by itself, in a page at once. Where there is none, or
 * it fails, or that cannot be loaded, everything is kept in memory; `health` says so.
 * @throws ProtocolError `storage-user-missing`.
 */
export function indexedDBStorage(options: IndexedDBStorageOptions): StorageFactory {
  const { name: app, user, durability = 'relaxed', format } = options
  // On a server nobody is signed in when modules are evaluated, and nothing is kept.
  if ((typeof user !== 'string' || user === '') && defaultEnvironment().place === 'page')
    throw new ProtocolError(
      'storage-user-missing',
      '`user` is who is signed in, as the server names them; it is empty',
    )
  const timings = { ...CONNECTION_TIMINGS, ...options.timings }
  const devices = new Map<string, DeferredDevice>()
  const load = async (endpoint: string) => {
    const { openDevice } = await import('./open-device.ts')
    const owner = { app, endpoint, user }
    return openDevice({ owner, format, durability, timings, closed: () => void devices.delete(endpoint) })
  }
  return {
    name: app,
    user,
    keeping: KEEPING,
    open: (endpoint, place) => {
      const known = devices.get(endpoint)
      if (known) return known
      const device = new DeferredDevice({ load: () => load(endpoint), loadMs: timings.openMs })
      // There each request has its own, and nobody closes it: what is remembered here would stay.
      if (place === 'server') return device
      devices.set(endpoint, device)
      // Before anybody reads: it is a way to the server and back. Elsewhere nobody may ever read.
      if (typeof document !== 'undefined') device.begin()
      return device
    },
  }
}

import * as compiledFilter from '../collection/compiled-filter.ts'
import { FILTERS } from '../collection/filter-part.ts'
import type { DeviceStorage, StorageFactory } from '../persistence/room-storage.ts'
import { createReadable } from '../status/readable.ts'
import { ClientRoom } from './client-room.ts'
import type { DeviceUse } from './device-use.ts'
import type { Environment } from './environment.ts'
import type { ClientKeeping, Knows } from './keeping-of.ts'
import { deviceUse } from './kept-device-use.ts'
import { KeptRoom } from './kept-room.ts'
import type { SyncClientOptions } from './sync-client.ts'
import { TABS } from './tabs-part.ts'

export interface KeepingOptions extends Pick<SyncClientOptions, 'schemaVersion' | 'migrateMutation'> {
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

export const KEEPING: Keeping = { device: deviceUse, client: keptClient }

function keptClient(options: KeepingOptions): ClientKeeping {
  const { storage, keptAs, environment, schemaVersion = 1, migrateMutation: migrate } = options
  const { user } = storage
  // Whatever is pending is placed with it, before anything else can be loaded.
  FILTERS.bring(compiledFilter)
  // With the code of the storage.
  TABS.begin()
  const { endpoint, room: name } = keptAs
  const device = storage.open(endpoint)
  const knows = createReadable<Knows>('nothing yet')
  const room = new ClientRoom({
    room: device.room(name),
    schemaVersion,
    migrate,
    now: environment.now,
    report: environment.reportError,
    // It is handed on in the microtasks of this turn.
    loaded: () => void environment.after(0, () => knows.set('all')),
    unread: () => {
      if (knows.get() !== 'all') knows.set('unreadable')
    },
  })
  const among = JSON.stringify([storage.name, endpoint, user, name])
  return {
    kept: { user, keep: (client) => new KeptRoom({ room, name: among, client }) },
    room,
    name,
    device: deviceUse(device, environment),
    knows,
  }
}

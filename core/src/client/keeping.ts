import * as compiledFilter from '../collection/compiled-filter.ts'
import { FILTERS } from '../collection/filter-part.ts'
import { createReadable } from '../status/readable.ts'
import type { ClientKeeping } from './client-keeping.ts'
import { ClientRoom } from './client-room.ts'
import { deviceUse } from './kept-device-use.ts'
import { KeptRoom } from './kept-room.ts'
import type { Knows } from './knows.ts'
import type { Keeping, KeepingOptions } from './storage-factory.ts'
import { TABS } from './tabs-part.ts'

export const KEEPING: Keeping = { device: deviceUse, client: keptClient }

function keptClient(options: KeepingOptions): ClientKeeping {
  const { storage, keptAs, environment, schemaVersion = 1, migrateMutation: migrate } = options
  const { user } = storage
  // Whatever is pending is placed with it, before anything else can be loaded.
  FILTERS.bring(compiledFilter)
  // With the code of the storage.
  TABS.begin()
  const { endpoint, room: name } = keptAs
  const device = storage.open(endpoint, environment.place)
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

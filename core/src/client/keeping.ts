import type { DeviceStorage } from '../persistence/room-storage.ts'
import { ClientRoom, type ClientRoomOptions } from './client-room.ts'
import type { DeviceUse } from './device-use.ts'
import type { Environment } from './environment.ts'
import { deviceUse } from './kept-device-use.ts'
import { KeptRoom, type KeptRoomOptions } from './kept-room.ts'

/**
 * What a client makes of a storage. Law: it hangs on the storage and is imported by those who make one, and by nobody else, so that a page
 * that keeps nothing loads none of it.
 */
export interface Keeping {
  readonly device: (device: DeviceStorage, environment: Environment) => DeviceUse
  readonly room: (options: ClientRoomOptions) => ClientRoom
  readonly client: (options: KeptRoomOptions) => KeptRoom
}

export const KEEPING: Keeping = {
  device: deviceUse,
  room: (options) => new ClientRoom(options),
  client: (options) => new KeptRoom(options),
}

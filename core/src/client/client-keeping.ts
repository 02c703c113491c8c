import type { Readable } from '../status/readable.ts'
import type { ClientRoom } from './client-room.ts'
import type { DeviceUse } from './device-use.ts'
import type { Knows } from './knows.ts'
import type { EngineOptions } from './sync-engine.ts'

/** What a client keeps, and where. */
export interface ClientKeeping {
  readonly kept: EngineOptions['kept']
  /** What is kept of the room. */
  readonly room: ClientRoom | undefined
  /** The room's name in the storage; empty where it has none. */
  readonly name: string
  readonly device: DeviceUse
  /** Whether what is kept has been read. */
  readonly knows: Readable<Knows>
}

import type { BareRoom } from './bare-room.ts'
import type { ShelfRoom } from './shelf-room.ts'
import type { SyncedRoom } from './synced-room.ts'

export interface BenchEnv {
  readonly SYNCED: DurableObjectNamespace<SyncedRoom>
  readonly SHELVES: DurableObjectNamespace<ShelfRoom>
  readonly BARE: DurableObjectNamespace<BareRoom>
}

import type { BareRoom } from './bare-room.ts'
import type { SyncedRoom } from './synced-room.ts'

export interface BenchEnv {
  readonly SYNCED: DurableObjectNamespace<SyncedRoom>
  readonly BARE: DurableObjectNamespace<BareRoom>
}

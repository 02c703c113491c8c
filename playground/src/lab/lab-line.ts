import { indexedDBStorage } from '@durable-sync/core'
import { createRecorder, type SyncEvent } from '@durable-sync/core/devtools'
import { sharedLine } from '../line/line-switch.ts'
import { tellActivity } from './activity.ts'
import { labSocket } from './lab-socket.ts'
import { pane } from './pane.ts'
import { trafficCounter } from './traffic.ts'
import { unkeptWrites } from './unkept-writes.ts'

/** Between the person of this pane and the server. All tabs share one socket, which may be any tab's: they share the switch, too. */
export const line = sharedLine(`durable-sync-lab:line:${pane.user.id}`)

/** What passed in this tab. */
export const traffic = trafficCounter(() => tellActivity(pane))

export const recorder = createRecorder({ limit: 200 })
export const unkept = unkeptWrites()

/** What the lab adds to a `createSync`: it can be looked into, its line can be broken, and nobody waits half a minute to see it mend. */
export const labOptions = {
  storage: indexedDBStorage({ name: 'durable-sync-lab', user: pane.user.id }),
  settleOn: 'device',
  observer: (event: SyncEvent) => {
    recorder.observer(event)
    unkept.observer(event)
  },
  WebSocket: labSocket(line, traffic),
  timings: { backoffCapMs: 3000 },
} as const

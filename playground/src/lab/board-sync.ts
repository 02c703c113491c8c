import { createSync } from '@durable-sync/core'
import type { BoardApi } from '../../worker/board/registry.ts'
import { labOptions } from './lab-line.ts'
import { pane } from './pane.ts'

/** The rooms of the board pages, each of them a Durable Object. Who somebody is, the server believes. */
export const sync = createSync<BoardApi>({ url: `/board/sync?user=${pane.user.id}`, ...labOptions })
export { recorder } from './lab-line.ts'

/** The server refuses the next write of this person. */
export const refuseNextWrite = (): Promise<unknown> => sync.room(pane.room).call.refuseNextWrite()

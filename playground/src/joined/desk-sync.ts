import { createSync } from '@durable-sync/core'
import type { DeskApi } from '../../worker/desk/registry.ts'
import { labOptions } from '../lab/lab-line.ts'
import { pane } from '../lab/pane.ts'

/** The desks, one for each person: the Worker lets nobody else in. */
const desks = createSync<DeskApi>({ url: `/desk/sync?user=${pane.user.id}`, ...labOptions })

export const myDesk = desks.room(pane.user.id)

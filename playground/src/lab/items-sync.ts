import { createSync } from '@durable-sync/core'
import type { ItemsApi } from '../../worker/items/registry.ts'
import { labOptions } from './lab-line.ts'
import { pane } from './pane.ts'

/** The rooms of the items pages, each of them a Durable Object. Who somebody is, the server believes. */
export const sync = createSync<ItemsApi>({ url: `/items/sync?user=${pane.user.id}`, ...labOptions })
export { recorder } from './lab-line.ts'

import { doCollectionOptions, SyncClient, WebSocketTransport } from '@durable-sync/core'
import { withIndexes } from '@durable-sync/react'
import { createCollection } from '@tanstack/react-db'
import type { ItemsApi } from '../../worker/items/registry.ts'
import { WatchedTransport } from '../counters/watched-transport.ts'
import { here, me } from '../frame/here.ts'

export const transport = new WatchedTransport(
  new WebSocketTransport({ url: `/items/sync/${here.room}?user=${me.id}` }),
)
export const client = new SyncClient<ItemsApi>({ transport, timings: { backoffCapMs: 3000 } })

/** All twelve, always: they say how many items they have. */
export const categories = createCollection(doCollectionOptions({ client, table: 'categories' }))

/** Only what a live query asks for. */
export const items = createCollection(
  withIndexes(doCollectionOptions({ client, table: 'items', syncMode: 'on-demand' })),
)

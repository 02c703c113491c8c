import { doCollectionOptions, SyncClient, WebSocketTransport } from '@durable-sync/core'
import { BasicIndex, createCollection } from '@tanstack/react-db'
import type { BoardApi } from '../../worker/board/registry.ts'
import { WatchedTransport } from '../counters/watched-transport.ts'
import { here, me } from '../frame/here.ts'

export const transport = new WatchedTransport(
  new WebSocketTransport({ url: `/board/sync/${here.room}?user=${me.id}` }),
)
export const client = new SyncClient<BoardApi>({ transport, timings: { backoffCapMs: 3000 } })

/** Five thousand tasks on the server; here are those that a live query has in its window. The index keeps them in order. */
export const tasks = createCollection({
  ...doCollectionOptions({ client, table: 'tasks', syncMode: 'on-demand' }),
  autoIndex: 'eager',
  defaultIndexType: BasicIndex,
})

/** One row, which says until when the board changes by itself. */
export const firehose = createCollection(doCollectionOptions({ client, table: 'firehose' }))

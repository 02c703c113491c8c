import { doCollectionOptions, SyncClient } from '@durable-sync/core'
import { withIndexes } from '@durable-sync/react'
import { createCollection } from '@tanstack/react-db'
import { type BoardApi, STATUSES } from '../../worker/board/registry.ts'
import { storage } from '../frame/device.ts'
import { here, me } from '../frame/here.ts'
import { pageTransport } from '../line/page-transport.ts'

export const transport = pageTransport(`/board/sync/${here.room}?user=${me.id}`)
export const client = new SyncClient<BoardApi>({
  transport,
  storage,
  settleOn: 'device',
  timings: { backoffCapMs: 3000 },
})

export const FILTERS = ['all', ...STATUSES] as const
export type Filter = (typeof FILTERS)[number]

/** Five thousand tasks on the server; here are those that a live query has in its window. The index keeps them in order. */
const tasksOf = (filter: Filter) =>
  createCollection(
    withIndexes(
      doCollectionOptions({
        client,
        table: 'tasks',
        syncMode: 'on-demand',
        ...(filter === 'all' ? {} : { where: { status: filter } }),
      }),
    ),
  )

/**
 * One collection for each filter. A window could have the filter in its query instead; but a query that begins with rows that another one
 * is about to let go, or that change before its own have come, makes TanStack DB ask for all rows of the filter to be on the safe side.
 */
export const tasks: Readonly<Record<Filter, ReturnType<typeof tasksOf>>> = {
  all: tasksOf('all'),
  open: tasksOf('open'),
  doing: tasksOf('doing'),
  done: tasksOf('done'),
}
export type Task = (typeof tasks.all.toArray)[number]

/** One row, which says until when the board changes by itself. */
export const firehose = createCollection(doCollectionOptions({ client, table: 'firehose' }))

/** A row while my next change will be refused, because I asked for it. */
export const refusals = createCollection(
  doCollectionOptions({ client, table: 'refusals', where: { id: me.id } }),
)

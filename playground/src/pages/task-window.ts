import { STATUSES } from '../../worker/board/registry.ts'

export const FILTERS = ['all', ...STATUSES] as const
export type Filter = (typeof FILTERS)[number]

/** How many tasks are shown at first, and added by each "More". */
export const PAGE_SIZE = 50

/**
 * Five thousand tasks on the server; here are those that a live query has in its window. Each filter is a collection of its own: a query that
 * begins with rows which another one is about to let go makes TanStack DB ask for all rows of the filter.
 */
export const tasksOf = (filter: Filter) =>
  ({
    table: 'tasks',
    syncMode: 'on-demand',
    ...(filter === 'all' ? {} : { where: { status: filter } }),
  }) as const

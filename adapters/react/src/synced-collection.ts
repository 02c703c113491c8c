import type { DoCollectionOptions, RowOf, SharedCollectionSpec, SyncUtils, TableOf } from '@durable-sync/core'
import { type Collection, createCollection, type NonSingleResult } from '@tanstack/react-db'
import { withIndexes } from './with-indexes.ts'

/** A collection over a table of a Durable Object, as `useLiveQuery` takes it. */
export type SyncedCollection<Api, Table extends TableOf<Api>> = Collection<
  RowOf<Api, Table>,
  string,
  SyncUtils<Api>,
  never,
  RowOf<Api, Table>
> &
  NonSingleResult

/** Which rows, and how: all of `doCollectionOptions` but the client. */
export type SyncedCollectionOptions<Api, Table extends TableOf<Api>> = SharedCollectionSpec<Api, Table> & {
  readonly table: Table
}

/** How many were made. */
let made = 0

/**
 * Ordered windows over an on-demand collection need its indexes. Each has an id of its own: a room that is shown again long after it was left has
 * another collection, and `useLiveQuery` takes a second one of the same id for a mistake as long as its component is mounted.
 */
export const createSynced = <Api, Table extends TableOf<Api>>(
  options: DoCollectionOptions<RowOf<Api, Table>, Api>,
): SyncedCollection<Api, Table> =>
  createCollection<RowOf<Api, Table>, string, SyncUtils<Api>>(
    withIndexes({ ...options, id: `${options.id}/${++made}` }),
  )

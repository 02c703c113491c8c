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

/** Ordered windows over an on-demand collection need its indexes. */
export const createSynced = <Api, Table extends TableOf<Api>>(
  options: DoCollectionOptions<RowOf<Api, Table>, Api>,
): SyncedCollection<Api, Table> =>
  createCollection<RowOf<Api, Table>, string, SyncUtils<Api>>(withIndexes(options))

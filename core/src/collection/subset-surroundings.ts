import type { CollectionSyncState } from '../status/collection-sync-state.ts'
import type { Predicate } from '../wire/index.ts'
import type { CollectionFeed } from './collection-feed.ts'
import type { CollectionHost } from './collection-host.ts'
import type { RowLookup } from './collection-options-shape.ts'
import type { SubsetRequest } from './expression-like.ts'
import type { PageRows } from './page-rows.ts'
import type { SubsetLoad } from './subset-load.ts'

export interface RequestSurroundings {
  readonly host: CollectionHost
  readonly collection: RowLookup
  readonly table: string
  /** What every subset of the collection is within. */
  readonly where: Predicate | undefined
  readonly feed: Pick<CollectionFeed<never>, 'add' | 'release' | 'apply' | 'broken'>
  /** Settles when everything handed on is visible; undefined when it is. */
  readonly receipt: () => Promise<unknown> | undefined
  readonly tell: (state: CollectionSyncState) => void
  readonly page: Pick<PageRows, 'show'>
}

export interface SubsetSurroundings extends RequestSurroundings {
  /** What is wanted now. */
  readonly loads: Map<SubsetRequest, SubsetLoad>
}

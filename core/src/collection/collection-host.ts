import type { Place } from '../client/environment.ts'
import type { StoredShape } from '../persistence/room-storage.ts'
import type { CollectionSyncState } from '../status/collection-sync-state.ts'
import type { RowSink } from '../stream/row-commit.ts'
import type { Subscribed } from '../stream/stream.ts'
import type { SubscriptionSpec } from '../wire/index.ts'
import type { CollectionFeed } from './collection-feed.ts'
import type { PendingViews } from './pending-views.ts'
import type { Writers } from './writers.ts'

/** A collection that is fed, for those who count. */
export interface FedCollection {
  readonly id: string
  readonly table: string
  readonly syncMode: 'eager' | 'on-demand'
  readonly feed: Pick<CollectionFeed<object>, 'counts'>
  /** What was told last. */
  state: CollectionSyncState
  /** Rows that came with the page, and that nobody here has brought, leave. Throws what a listener of the application throws. */
  readonly dropPageRows: () => void
  /** The client is closed. */
  readonly closed: () => void
}

/** What a collection needs of its client to be fed. */
export interface CollectionHost {
  readonly place: Place
  readonly report: (error: unknown) => void
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Runs `task` after `ms` milliseconds. */
  readonly later: (task: () => void, ms: number) => void
  /** What the client was given of these rows, with the page. */
  given(spec: SubscriptionSpec): StoredShape | undefined
  readonly writers: Writers
  /** Those that are fed now. */
  readonly collections?: Set<FedCollection>
  /** What is not settled; undefined when nothing outlives the page. */
  readonly pending: PendingViews | undefined
  /** `given`: rows that came with the page. Default: those that the client was given. */
  mount(
    spec: SubscriptionSpec,
    sink: RowSink,
    syncMode: 'eager' | 'on-demand',
    given?: StoredShape,
  ): Subscribed
}

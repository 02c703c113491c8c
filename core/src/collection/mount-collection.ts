import type { CollectionSyncState } from '../status/collection-sync-state.ts'
import type { RowSink } from '../stream/row-commit.ts'
import type { SubscriptionSpec } from '../wire/index.ts'
import type { SyncSurface } from './collection-options-shape.ts'
import { SyncWriter } from './sync-writer.ts'
import type { Writers } from './writers.ts'

/** What a collection needs of its client to be fed. */
export interface CollectionHost {
  readonly writers: Writers
  mount(spec: SubscriptionSpec, sink: RowSink): () => void
}

/** Feeds one sync run of a TanStack collection from the stream. The returned function ends it. */
export function mountCollection<Row extends object>(
  host: CollectionHost,
  spec: SubscriptionSpec,
  surface: SyncSurface<Row>,
  getKey: (row: Row) => string,
  tell: (state: CollectionSyncState) => void,
): () => void {
  const writer = new SyncWriter(surface, getKey)
  host.writers.set(surface.collection, writer)
  return host.mount(spec, {
    apply: (commit) => writer.apply(commit),
    ready: () => writer.ready(),
    refuse: (error) => writer.fail(error),
    state: (state) => {
      const { broken } = writer
      tell(broken && state.phase !== 'idle' ? { phase: 'error', error: broken } : state)
    },
  })
}

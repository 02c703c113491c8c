import type { CollectionSyncState, Readable } from '@durable-sync/core'
import type { Current } from './current.ts'
import { type MaybeGetter, toValue } from './maybe-getter.ts'
import { useReadable } from './use-readable.ts'

const ON_SERVER: CollectionSyncState = { phase: 'idle' }

/** A collection of `doCollectionOptions`, as far as its state is concerned. */
export interface SyncedLike {
  readonly utils: { readonly syncState: Readable<CollectionSyncState> }
}

/**
 * How the rows of a collection relate to the server's: whether it has any yet, whether they are the newest, or why the server refuses to serve
 * them. `idle` on the server.
 */
export function useSyncState(collection: MaybeGetter<SyncedLike>): Current<CollectionSyncState> {
  return useReadable(() => toValue(collection).utils.syncState, ON_SERVER)
}

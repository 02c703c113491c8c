import {
  type ClientRef,
  type RegisteredApi,
  type SyncClient,
  sharedCollection,
  type TableOf,
} from '@durable-sync/core'
import type { Current } from './current.ts'
import { type MaybeGetter, toValue } from './maybe-getter.ts'
import { createSynced, type SyncedCollection, type SyncedCollectionOptions } from './synced-collection.ts'
import { useSyncClient } from './use-sync-client.ts'

/**
 * The collection that shows these rows, for `useLiveQuery`: the same one for every component that asks for the same rows of the same room, as long
 * as one of them is mounted and a little longer. Other options or another room are another collection, at once.
 * @throws ProtocolError, when it is read: `provider-missing`; `collection-id-missing` for a `where` that is a function without an `id`.
 */
export function useSyncedCollection<Api = RegisteredApi, Table extends TableOf<Api> = TableOf<Api>>(
  options: MaybeGetter<SyncedCollectionOptions<Api, Table>>,
  room?: MaybeGetter<ClientRef<SyncClient<Api>> | undefined>,
): Current<SyncedCollection<Api, Table>> {
  const client = useSyncClient<Api>(room)
  const shared = $derived(sharedCollection(client.current, toValue(options), createSynced<Api, Table>))
  $effect(() => shared.retain())
  return {
    get current() {
      return shared.collection
    },
  }
}

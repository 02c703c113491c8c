import {
  type ClientRef,
  type RegisteredApi,
  type SyncClient,
  sharedCollection,
  type TableOf,
} from '@durable-sync/core'
import { type ComputedRef, computed, type MaybeRefOrGetter, toValue, watchPostEffect } from 'vue'
import { createSynced, type SyncedCollection, type SyncedCollectionOptions } from './synced-collection.ts'
import { useSyncClient } from './use-sync-client.ts'

/**
 * The collection that shows these rows, for `useLiveQuery`: the same one for every component that asks for the same rows of the same room, as long
 * as one of them is mounted and a little longer. Other options or another room are another collection, at once.
 * @throws ProtocolError `provider-missing`; `collection-id-missing` for a `where` that is a function without an `id`.
 */
export function useSyncedCollection<Api = RegisteredApi, Table extends TableOf<Api> = TableOf<Api>>(
  options: MaybeRefOrGetter<SyncedCollectionOptions<Api, Table>>,
  room?: MaybeRefOrGetter<ClientRef<SyncClient<Api>> | undefined>,
): ComputedRef<SyncedCollection<Api, Table>> {
  const client = useSyncClient<Api>(room)
  const shared = computed(() => sharedCollection(client.value, toValue(options), createSynced<Api, Table>))
  void shared.value
  watchPostEffect((onCleanup) => onCleanup(shared.value.retain()))
  return computed(() => shared.value.collection)
}

import {
  type ClientRef,
  type RegisteredApi,
  type SyncClient,
  sharedCollection,
  type TableOf,
} from '@durable-sync/core'
import { type Accessor, createEffect, createSignal, onCleanup, sharedConfig } from 'solid-js'
import { createCheckedMemo } from './create-checked-memo.ts'
import { createSynced, type SyncedCollection, type SyncedCollectionOptions } from './synced-collection.ts'
import { useSyncClient } from './use-sync-client.ts'

/**
 * The collection that shows these rows, for `useLiveQuery`: the same one for every component that asks for the same rows of the same room, as long
 * as one of them is mounted and a little longer. Other options or another room are another collection, at once.
 * @throws ProtocolError `provider-missing`; `collection-id-missing` for a `where` that is a function without an `id`.
 */
export function useSyncedCollection<Api = RegisteredApi, Table extends TableOf<Api> = TableOf<Api>>(
  options: Accessor<SyncedCollectionOptions<Api, Table>>,
  room?: Accessor<ClientRef<SyncClient<Api>> | undefined>,
): Accessor<SyncedCollection<Api, Table>> {
  const client = useSyncClient<Api>(room)
  const shared = createCheckedMemo(() => sharedCollection(client(), options(), createSynced<Api, Table>))
  createEffect(() => onCleanup(shared().retain()))
  // `useLiveQuery` of `solid-db` takes the rows that a server has rendered for its own and keeps them for good. It asks anew when
  // what it was given changes.
  const [hydrating, setHydrating] = createSignal(sharedConfig.context != null)
  createEffect(() => setHydrating(false))
  return () => {
    hydrating()
    return shared().collection
  }
}

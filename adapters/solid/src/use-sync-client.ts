import {
  type AnySyncClient,
  type ClientRef,
  nearestClient,
  type RegisteredApi,
  type SyncClient,
} from '@durable-sync/core'
import { type Accessor, useContext } from 'solid-js'
import { createCheckedMemo } from './create-checked-memo.ts'
import { SyncClientContext } from './sync-provider.ts'

/**
 * The client that the nearest `SyncProvider` hands down, the one of a `room` of its `sync`, or the client that is given. Its commands are those of
 * the registered contract, or of the one that is named: `useSyncClient<Api>()().call`.
 * @throws ProtocolError `provider-missing` when there is none.
 */
export function useSyncClient<Api = RegisteredApi>(
  room?: Accessor<ClientRef<SyncClient<Api>> | undefined>,
): Accessor<SyncClient<Api>>
/** A client of whatever contract. */
export function useSyncClient(room: Accessor<ClientRef | undefined> | undefined): Accessor<AnySyncClient>
export function useSyncClient(room?: Accessor<ClientRef | undefined>): Accessor<AnySyncClient> {
  const provided = useContext(SyncClientContext)
  return createCheckedMemo(() =>
    nearestClient(room?.(), provided(), 'render this component inside <SyncProvider client={client}>'),
  )
}

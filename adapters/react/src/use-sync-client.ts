import {
  type AnySyncClient,
  type ClientRef,
  nearestClient,
  type RegisteredApi,
  type SyncClient,
} from '@durable-sync/core'
import { useContext } from 'react'
import { SyncClientContext } from './sync-client-context.ts'

/**
 * The client that the nearest `SyncProvider` hands down, the one of a `room` of its `sync`, or the client that is given. Its commands are
 * those of the registered contract, or of the one that is named: `useSyncClient<Api>().call`.
 * @throws ProtocolError `provider-missing` when there is none.
 */
export function useSyncClient<Api = RegisteredApi>(room?: ClientRef<SyncClient<Api>>): SyncClient<Api>
/** A client of whatever contract. */
export function useSyncClient(room: ClientRef | undefined): AnySyncClient
export function useSyncClient(room?: ClientRef): AnySyncClient {
  return nearestClient(
    room,
    useContext(SyncClientContext),
    'render this component inside <SyncProvider client={client}>',
  )
}

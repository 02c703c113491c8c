import type { SyncClient } from '@durable-sync/core'
import type { SyncApi } from '@durable-sync/core/wire'
import { useNearestClient } from './use-nearest-client.ts'

/**
 * `client`, or else the client of the nearest `SyncProvider`. A context has one type for every application, so name the contract to
 * get typed commands: `useSyncClient<Api>().call`.
 * @throws ProtocolError `provider-missing` when there is neither.
 */
export function useSyncClient<Api = SyncApi>(client?: SyncClient<Api>): SyncClient<Api> {
  return useNearestClient(client) as SyncClient<Api>
}

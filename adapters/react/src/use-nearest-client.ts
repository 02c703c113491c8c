import { ProtocolError } from '@durable-sync/core'
import { useContext } from 'react'
import { type AnySyncClient, SyncClientContext } from './sync-client-context.ts'

/**
 * `client`, or else the client of the nearest `SyncProvider`.
 * @throws ProtocolError `provider-missing` when there is neither.
 */
export function useNearestClient(client: AnySyncClient | undefined): AnySyncClient {
  const provided = useContext(SyncClientContext)
  const nearest = client ?? provided
  if (!nearest)
    throw new ProtocolError(
      'provider-missing',
      'No sync client: render this component inside <SyncProvider client={client}>, or hand the client to the hook',
    )
  return nearest
}

import type { ConnectionStatus } from '@durable-sync/core'
import { useDebugValue } from 'react'
import type { AnySyncClient } from './sync-client-context.ts'
import { useNearestClient } from './use-nearest-client.ts'
import { useReadable } from './use-readable.ts'

const ON_SERVER: ConnectionStatus = { state: 'idle' }

/**
 * What happens next with the connection, and who has to act. Reading it connects nothing. `idle` on the server.
 * @throws ProtocolError `provider-missing` when there is no client.
 */
export function useConnectionStatus(client?: AnySyncClient): ConnectionStatus {
  const status = useReadable(useNearestClient(client).status, ON_SERVER)
  useDebugValue(status.state)
  return status
}

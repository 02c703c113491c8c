import type { ClientRef, ConnectionStatus } from '@durable-sync/core'
import { useDebugValue } from 'react'
import { useReadable } from './use-readable.ts'
import { useSyncClient } from './use-sync-client.ts'

const ON_SERVER: ConnectionStatus = { state: 'idle' }

/**
 * What happens next with the connection, and who has to act. Reading it connects nothing. `idle` on the server.
 * @throws ProtocolError `provider-missing` when there is no client.
 */
export function useConnectionStatus(room?: ClientRef): ConnectionStatus {
  const status = useReadable(useSyncClient(room).status, ON_SERVER)
  useDebugValue(status.state)
  return status
}

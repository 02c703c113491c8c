import type { ClientRef, ConnectionStatus } from '@durable-sync/core'
import type { Accessor } from 'solid-js'
import { useReadable } from './use-readable.ts'
import { useSyncClient } from './use-sync-client.ts'

const ON_SERVER: ConnectionStatus = { state: 'idle' }

/**
 * What happens next with the connection, and who has to act. Reading it connects nothing. `idle` on the server.
 * @throws ProtocolError `provider-missing` when there is no client.
 */
export function useConnectionStatus(room?: Accessor<ClientRef | undefined>): Accessor<ConnectionStatus> {
  const client = useSyncClient(room)
  return useReadable(() => client().status, ON_SERVER)
}

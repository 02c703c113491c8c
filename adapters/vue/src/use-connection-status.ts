import type { ClientRef, ConnectionStatus } from '@durable-sync/core'
import type { ComputedRef, MaybeRefOrGetter } from 'vue'
import { useReadable } from './use-readable.ts'
import { useSyncClient } from './use-sync-client.ts'

const ON_SERVER: ConnectionStatus = { state: 'idle' }

/**
 * What happens next with the connection, and who has to act. Reading it connects nothing. `idle` on the server.
 * @throws ProtocolError `provider-missing` when there is no client.
 */
export function useConnectionStatus(
  room?: MaybeRefOrGetter<ClientRef | undefined>,
): ComputedRef<ConnectionStatus> {
  const client = useSyncClient(room)
  return useReadable(() => client.value.status, ON_SERVER)
}

import type { ClientRef, ConnectionStatus } from '@durable-sync/core'
import type { Current } from './current.ts'
import type { MaybeGetter } from './maybe-getter.ts'
import { useReadable } from './use-readable.ts'
import { useSyncClient } from './use-sync-client.ts'

const ON_SERVER: ConnectionStatus = { state: 'idle' }

/**
 * What happens next with the connection, and who has to act. Reading it connects nothing. `idle` on the server.
 * @throws ProtocolError `provider-missing`, when it is read and there is no client.
 */
export function useConnectionStatus(room?: MaybeGetter<ClientRef | undefined>): Current<ConnectionStatus> {
  const client = useSyncClient(room)
  return useReadable(() => client.current.status, ON_SERVER)
}

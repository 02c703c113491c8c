import { type ClientRef, NO_PENDING_WRITES, type PendingWrites } from '@durable-sync/core'
import type { Accessor } from 'solid-js'
import { useReadable } from './use-readable.ts'
import { useSyncClient } from './use-sync-client.ts'

/**
 * The writes that the server has not confirmed yet. None on the server.
 * @throws ProtocolError `provider-missing` when there is no client.
 */
export function usePendingWrites(room?: Accessor<ClientRef | undefined>): Accessor<PendingWrites> {
  const client = useSyncClient(room)
  return useReadable(() => client().pendingWrites, NO_PENDING_WRITES)
}

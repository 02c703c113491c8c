import { type ClientRef, NO_PENDING_WRITES, type PendingWrites } from '@durable-sync/core'
import type { ComputedRef, MaybeRefOrGetter } from 'vue'
import { useReadable } from './use-readable.ts'
import { useSyncClient } from './use-sync-client.ts'

/**
 * The writes that the server has not confirmed yet. None on the server.
 * @throws ProtocolError `provider-missing` when there is no client.
 */
export function usePendingWrites(room?: MaybeRefOrGetter<ClientRef | undefined>): ComputedRef<PendingWrites> {
  const client = useSyncClient(room)
  return useReadable(() => client.value.pendingWrites, NO_PENDING_WRITES)
}

import { type ClientRef, type FailedWrites, NO_FAILED_WRITES } from '@durable-sync/core'
import type { ComputedRef, MaybeRefOrGetter } from 'vue'
import { useReadable } from './use-readable.ts'
import { useSyncClient } from './use-sync-client.ts'

/**
 * The writes that the server has refused, until somebody retries or discards them. None on the server.
 * @throws ProtocolError `provider-missing` when there is no client.
 */
export function useFailedWrites(room?: MaybeRefOrGetter<ClientRef | undefined>): ComputedRef<FailedWrites> {
  const client = useSyncClient(room)
  return useReadable(() => client.value.failedWrites, NO_FAILED_WRITES)
}

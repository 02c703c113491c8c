import { type ClientRef, type FailedWrites, NO_FAILED_WRITES } from '@durable-sync/core'
import type { Current } from './current.ts'
import type { MaybeGetter } from './maybe-getter.ts'
import { useReadable } from './use-readable.ts'
import { useSyncClient } from './use-sync-client.ts'

/**
 * The writes that the server has refused, until somebody retries or discards them. None on the server.
 * @throws ProtocolError `provider-missing`, when it is read and there is no client.
 */
export function useFailedWrites(room?: MaybeGetter<ClientRef | undefined>): Current<FailedWrites> {
  const client = useSyncClient(room)
  return useReadable(() => client.current.failedWrites, NO_FAILED_WRITES)
}

import { type FailedWrites, NO_FAILED_WRITES } from '@durable-sync/core'
import { useDebugValue } from 'react'
import type { AnySyncClient } from './sync-client-context.ts'
import { useNearestClient } from './use-nearest-client.ts'
import { useReadable } from './use-readable.ts'

/**
 * The writes that the server has refused, until somebody retries or discards them. None on the server.
 * @throws ProtocolError `provider-missing` when there is no client.
 */
export function useFailedWrites(client?: AnySyncClient): FailedWrites {
  const failed = useReadable(useNearestClient(client).failedWrites, NO_FAILED_WRITES)
  useDebugValue(failed.count)
  return failed
}

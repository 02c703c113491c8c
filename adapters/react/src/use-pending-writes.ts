import { NO_PENDING_WRITES, type PendingWrites } from '@durable-sync/core'
import { useDebugValue } from 'react'
import type { AnySyncClient } from './sync-client-context.ts'
import { useNearestClient } from './use-nearest-client.ts'
import { useReadable } from './use-readable.ts'

/**
 * The writes that the server has not confirmed yet. None on the server.
 * @throws ProtocolError `provider-missing` when there is no client.
 */
export function usePendingWrites(client?: AnySyncClient): PendingWrites {
  const pending = useReadable(useNearestClient(client).pendingWrites, NO_PENDING_WRITES)
  useDebugValue(pending.count)
  return pending
}

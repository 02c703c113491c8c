import { type ClientRef, NO_PENDING_WRITES, type PendingWrites } from '@durable-sync/core'
import { useDebugValue } from 'react'
import { useReadable } from './use-readable.ts'
import { useSyncClient } from './use-sync-client.ts'

/**
 * The writes that the server has not confirmed yet. None on the server.
 * @throws ProtocolError `provider-missing` when there is no client.
 */
export function usePendingWrites(room?: ClientRef): PendingWrites {
  const pending = useReadable(useSyncClient(room).pendingWrites, NO_PENDING_WRITES)
  useDebugValue(pending.count)
  return pending
}

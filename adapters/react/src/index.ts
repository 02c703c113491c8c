'use client'

export type { AnySyncClient } from './sync-client-context.ts'
export { SyncProvider, type SyncProviderProps } from './sync-provider.ts'
export { useConnectionStatus } from './use-connection-status.ts'
export { usePendingWrites } from './use-pending-writes.ts'
export { useSyncClient } from './use-sync-client.ts'
export { withIndexes } from './with-indexes.ts'

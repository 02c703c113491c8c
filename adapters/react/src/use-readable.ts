import type { Readable } from '@durable-sync/core'
import { useSyncExternalStore } from 'react'

/**
 * The value of a readable. `onServer` is rendered on the server and while hydrating: a constant, because what the client has learned
 * before React hydrates is not what the server rendered.
 */
export function useReadable<T>(readable: Readable<T>, onServer: T): T {
  return useSyncExternalStore(readable.subscribe, readable.get, () => onServer)
}

import { providedBy, type SyncSource } from '@durable-sync/core'
import { createElement, type ReactNode, useContext, useMemo } from 'react'
import { SyncClientContext } from './sync-client-context.ts'

export type SyncProviderProps = SyncSource & { readonly children?: ReactNode }

/**
 * Hands a `client`, or a `sync` and one of its rooms, to the hooks below it. It neither connects nor closes: the application owns the client, so
 * that StrictMode, hot reloading and several roots change nothing. Another client or room moves every hook over at once.
 * @throws ProtocolError `provider-missing` for a `room` where there is no `sync`.
 */
export function SyncProvider({ children, ...source }: SyncProviderProps): ReactNode {
  const { client, sync, room } = source
  const around = useContext(SyncClientContext)
  // biome-ignore lint/correctness/useExhaustiveDependencies: `source` is these three, and new at every render
  const value = useMemo(() => providedBy(source, around), [client, sync, room, around])
  return createElement(SyncClientContext.Provider, { value }, children)
}

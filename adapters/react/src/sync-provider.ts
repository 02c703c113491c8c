import { createElement, type ReactNode } from 'react'
import { type AnySyncClient, SyncClientContext } from './sync-client-context.ts'

export interface SyncProviderProps {
  /** Made by the application, outside of any component. */
  readonly client: AnySyncClient
  readonly children?: ReactNode
}

/**
 * Hands a client to the hooks below it. It neither connects nor closes: the application owns the client, so that StrictMode, hot
 * reloading and several roots change nothing.
 */
export function SyncProvider({ client, children }: SyncProviderProps): ReactNode {
  return createElement(SyncClientContext.Provider, { value: client }, children)
}

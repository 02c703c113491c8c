import type { SyncClient } from '@durable-sync/core'
import { createContext } from 'react'

/** A client, whatever the contract of its object. */
export type AnySyncClient = Omit<SyncClient, 'call'>

/** The client of the nearest `SyncProvider`; null outside of one. */
export const SyncClientContext = createContext<AnySyncClient | null>(null)

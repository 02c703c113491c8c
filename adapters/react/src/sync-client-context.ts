import type { Provided } from '@durable-sync/core'
import { createContext } from 'react'

/** What the nearest `SyncProvider` hands down; undefined outside of one. */
export const SyncClientContext = createContext<Provided | undefined>(undefined)

import type { Readable } from '@durable-sync/core'
import { useSyncExternalStore } from 'react'

/** The value of something that announces its changes. */
export const useReadable = <T>({ subscribe, get }: Readable<T>): T => useSyncExternalStore(subscribe, get)

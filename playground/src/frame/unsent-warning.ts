import { usePendingWrites, useSyncClient } from '@durable-sync/react'
import { useEffect } from 'react'
import { useReadable } from './use-readable.ts'

/** Asks before the window closes over what is not sent, unless this device keeps it for the next one. */
export function useUnsentWarning(): void {
  const { count } = usePendingWrites()
  const { health } = useReadable(useSyncClient().storage)
  const mayBeLost = count > 0 && health.is !== 'durable'
  useEffect(() => {
    if (!mayBeLost) return
    const ask = (event: BeforeUnloadEvent) => event.preventDefault()
    addEventListener('beforeunload', ask)
    return () => removeEventListener('beforeunload', ask)
  }, [mayBeLost])
}

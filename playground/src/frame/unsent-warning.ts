import { usePendingWrites } from '@durable-sync/react'
import { useEffect } from 'react'

/** Asks before the window closes over what is not sent: this page keeps them in memory only. */
export function useUnsentWarning(): void {
  const unsent = usePendingWrites().count > 0
  useEffect(() => {
    if (!unsent) return
    const ask = (event: BeforeUnloadEvent) => event.preventDefault()
    addEventListener('beforeunload', ask)
    return () => removeEventListener('beforeunload', ask)
  }, [unsent])
}

import { useSyncClient } from '@durable-sync/react'
import { useEffect, useState } from 'react'

const ASK_EVERY_MS = 2000

/** How many bytes the origin has stored, as the browser estimates it; undefined while that is not known. */
export function useStorageUsage(): number | undefined {
  const { storage } = useSyncClient()
  const [bytes, setBytes] = useState<number>()
  useEffect(() => {
    const ask = async () => setBytes((await storage.usage())?.usage)
    void ask()
    const timer = setInterval(ask, ASK_EVERY_MS)
    return () => clearInterval(timer)
  }, [storage])
  return bytes
}

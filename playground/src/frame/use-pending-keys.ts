import { usePendingWrites } from '@durable-sync/react'
import { useMemo } from 'react'

/**
 * The keys of the rows of a table that have a write which the server has not confirmed. TanStack DB's own `$hasPendingWrites` is about
 * transactions, and one that is kept on this device is over.
 */
export function usePendingKeys(table: string): ReadonlySet<string> {
  const { items } = usePendingWrites()
  return useMemo(() => {
    const ops = items.flatMap((write) => write.ops)
    return new Set(ops.filter(({ collection }) => collection === table).map(({ key }) => key))
  }, [items, table])
}

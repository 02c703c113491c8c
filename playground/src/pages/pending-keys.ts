import type { PendingWrites } from '@durable-sync/core'

/**
 * The keys of the rows of a table that have a write which the server has not confirmed. TanStack DB's own `$hasPendingWrites` is about
 * transactions, and one that is kept on this device is over.
 */
export function pendingKeys({ items }: PendingWrites, table: string): ReadonlySet<string> {
  const ops = items.flatMap((write) => write.ops)
  return new Set(ops.filter(({ collection }) => collection === table).map(({ key }) => key))
}

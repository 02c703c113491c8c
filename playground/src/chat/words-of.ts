import type { FailedOp } from '@durable-sync/core'

/** A change that was refused, as its author thinks of it. */
export function wordsOf({ collection, values }: FailedOp): string {
  if (collection === 'people') return `The name ${String(values?.name)}`
  return `“${String(values?.content)}”`
}

import type { FailedOp } from '@durable-sync/core'
import { tasks } from './board.ts'

/** A change that was refused, as its author thinks of it. */
export function wordsOf({ key, values }: FailedOp): string {
  const title = Object.values(tasks).flatMap((filter) => filter.get(key)?.title ?? [])[0] ?? `Task ${key}`
  const what =
    typeof values?.status === 'string' ? `to ${values.status}` : `to ${String(values?.votes)} votes`
  return `“${title}” ${what}`
}

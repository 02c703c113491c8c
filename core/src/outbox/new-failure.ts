import type { NewFailure } from '../persistence/room-storage.ts'
import type { Settled } from './outbox-event.ts'

/**
 * The failed write that is kept of a write that has ended; none of one that is confirmed. Of one that the application took back only a
 * trace is kept, for pages that slept: what has left the storage without one was confirmed.
 */
export function newFailure({ entry, result }: Settled, failedAt: number): NewFailure[] {
  if (result.is === 'confirmed') return []
  const { id, work, before, number, queuedAt } = entry
  const { code, message } = result
  const details = result.is === 'rejected' ? result.details : undefined
  const kept =
    result.is === 'withdrawn' ? { work: null } : { work, ...(before && before.length > 0 ? { before } : {}) }
  return [
    {
      id,
      code,
      message,
      ...(details === undefined ? {} : { details }),
      ...kept,
      number,
      queuedAt,
      failedAt,
    },
  ]
}

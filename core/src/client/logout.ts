import { ProtocolError } from '../errors.ts'
import type { DeviceStorage, StoredQueue } from '../persistence/room-storage.ts'
import type { Purge } from '../persistence/storage-health.ts'
import { type RoomOfWrites, unsettledWrites } from './unsettled-writes.ts'

export interface LogoutOptions {
  /**
   * What becomes of writes that the server has not confirmed. `refuse`, the default: while there are any, nothing happens and the call
   * rejects. `discard`: they are forgotten; what is on its way may still arrive. `keep`: they stay on this device until the same user
   * signs in again, failed ones, too. With the other two failed writes are forgotten.
   */
  readonly pending?: 'refuse' | 'discard' | 'keep'
  /** Whether rows stay on this device for the next time that the same user signs in. Default `purge`. */
  readonly cache?: 'purge' | 'keep'
}

const NO_QUEUE: StoredQueue = { writes: [], failed: [] }

/** @throws ProtocolError `unsent-writes`, by rejecting, when it must not happen. Nothing has happened until it resolves. */
export async function mayLogOut(
  device: DeviceStorage | undefined,
  clients: Iterable<RoomOfWrites>,
  { pending = 'refuse' }: LogoutOptions,
): Promise<void> {
  if (pending === 'discard') return
  const queue = (await device?.queue()) ?? NO_QUEUE
  // In one turn with what comes next: nothing is written in between.
  const unsettled = unsettledWrites(queue, clients)
  const kept = new Set(queue.writes.map(({ id }) => id))
  const lost = pending === 'refuse' ? unsettled : unsettled.filter(({ id }) => !kept.has(id))
  if (lost.length === 0) return
  const unsent = pending === 'refuse'
  const [they, have, are] =
    lost.length === 1 ? ['1 write', 'has', 'is'] : [`${lost.length} writes`, 'have', 'are']
  const how = unsent ? `${have} not reached the server` : `${are} not kept on this device`
  const fix = unsent ? 'Send, keep or discard' : 'Send or discard'
  throw new ProtocolError(
    'unsent-writes',
    `${they} would be lost, and ${how}. ${fix} what is pending to log out`,
  )
}

/** What of the device is forgotten. */
export function purgeOf({ pending, cache = 'purge' }: LogoutOptions): Purge {
  if (cache === 'purge') return pending === 'keep' ? 'rows' : 'everything'
  return pending === 'keep' ? 'nothing' : 'writes'
}

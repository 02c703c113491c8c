import type { StoredQueue } from '../persistence/room-storage.ts'
import type { PendingWrites } from '../status/pending-writes.ts'
import type { Readable } from '../status/readable.ts'
import type { Knows } from './knows.ts'

/** What is asked of a client about its writes. */
export interface RoomOfWrites {
  readonly room: string
  /** Whether the client knows what is kept of the room. From then on it knows best. */
  readonly knows: Knows
  readonly pendingWrites: Readable<PendingWrites>
}

export interface UnsettledWrite {
  readonly room: string
  readonly id: string
  /** Milliseconds since 1970. */
  readonly queuedAt: number
}

/**
 * The writes of all rooms that are not settled: of those whose client has read what is kept as the client says, because it hears first
 * how they end; of the others as the storage says.
 */
export function unsettledWrites(
  { writes }: Pick<StoredQueue, 'writes'>,
  clients: Iterable<RoomOfWrites>,
): readonly UnsettledWrite[] {
  const all = [...clients]
  const known = new Set(all.filter(({ knows }) => knows === 'all').map(({ room }) => room))
  const found = new Map<string, UnsettledWrite>()
  for (const { room, id, queuedAt } of writes) if (!known.has(room)) found.set(id, { room, id, queuedAt })
  for (const { room, pendingWrites } of all)
    for (const { id, queuedAt } of pendingWrites.get().items) found.set(id, { room, id, queuedAt })
  return [...found.values()]
}

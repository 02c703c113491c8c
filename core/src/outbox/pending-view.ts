import { NO_PENDING_WRITES, type PendingWrite, type PendingWrites } from '../status/pending-writes.ts'
import type { Entry } from './entry.ts'

function view({ id, work, queuedAt, stage }: Entry): PendingWrite {
  const mutation = work.do === 'mutate'
  return {
    id,
    kind: mutation ? 'mutation' : 'command',
    ops: mutation ? work.ops.map(({ collection, type, key }) => ({ collection, type, key })) : [],
    command: mutation ? null : work.name,
    queuedAt,
    state: stage.is === 'sent' || stage.is === 'decided' ? 'sent' : 'queued',
  }
}

/** The outbox as the application sees it. */
export function pendingView(entries: readonly Entry[]): PendingWrites {
  const [oldest] = entries
  if (!oldest) return NO_PENDING_WRITES
  return { count: entries.length, oldestAt: oldest.queuedAt, items: entries.map(view) }
}

import { NO_PENDING_WRITES, type PendingWrite, type PendingWrites } from '../status/pending-writes.ts'
import type { Draft, Entry } from './entry.ts'

/** Everything that is not settled, in order: kept or being kept, waiting for that, and made in this tick. */
export interface PendingParts {
  readonly entries: readonly Entry[]
  readonly waiting: readonly Draft[]
  readonly drafts: readonly Draft[]
}

function view({ id, work, queuedAt }: Draft, state: PendingWrite['state']): PendingWrite {
  const mutation = work.do === 'mutate'
  return {
    id,
    kind: mutation ? 'mutation' : 'command',
    ops: mutation ? work.ops.map(({ collection, type, key }) => ({ collection, type, key })) : [],
    command: mutation ? null : work.name,
    queuedAt,
    state,
  }
}

/** The outbox as the application sees it. */
export function pendingView({ entries, waiting, drafts }: PendingParts): PendingWrites {
  const items = [
    ...entries.map((entry) =>
      view(entry, entry.stage.is === 'sent' || entry.stage.is === 'decided' ? 'sent' : 'queued'),
    ),
    ...[...waiting, ...drafts].map((draft) => view(draft, 'queued')),
  ]
  const [oldest] = items
  return oldest ? { count: items.length, oldestAt: oldest.queuedAt, items } : NO_PENDING_WRITES
}

import { decodeValues } from '../collection/pending-op.ts'
import type { NewFailure } from '../persistence/room-storage.ts'
import {
  type FailedOp,
  type FailedWrite,
  type FailedWrites,
  NO_FAILED_WRITES,
} from '../status/failed-writes.ts'

function opsOf({ work, before }: NewFailure): FailedOp[] {
  if (work?.do !== 'mutate') return []
  return work.ops.map(({ collection, type, key, cols }, i) => {
    const previous = before?.[i]
    return {
      collection,
      type,
      key,
      values: cols ? decodeValues(cols) : null,
      previous: previous ? decodeValues(previous) : null,
    }
  })
}

function view(failure: NewFailure): FailedWrite {
  const { id, work, code, message, details, queuedAt, failedAt } = failure
  return {
    id,
    kind: work === null ? 'unreadable' : work.do === 'call' ? 'command' : 'mutation',
    ops: opsOf(failure),
    command: work?.do === 'call' ? { name: work.name, args: work.args } : null,
    code,
    message,
    details,
    queuedAt,
    failedAt,
  }
}

/** The failed writes as the application sees them. */
export const failedView = (failures: readonly NewFailure[]): FailedWrites =>
  failures.length === 0 ? NO_FAILED_WRITES : { count: failures.length, items: failures.map(view) }

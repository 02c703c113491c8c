import type { NewWrite, StoredWrite } from '../persistence/room-storage.ts'
import type { WireValue, WireValues } from '../wire/index.ts'
import { type Draft, type Entry, QUEUED, type Work, workBytes } from './entry.ts'

/**
 * How this page has heard of a write of another page.
 *
 * read   from the storage. What is marked as sent there may have been sent.
 * told   by the page that has just kept it: no socket but this one's can carry it.
 */
export type HeardBy = 'read' | 'told'

/** A kept write as the outbox holds it. */
export function entryOf(write: StoredWrite, heard: HeardBy): Entry {
  const { id, cid, n, sent, sentAt = write.queuedAt, work, before, queuedAt, ord } = write
  const carried = sent && heard === 'read'
  return {
    id,
    work,
    before,
    bytes: workBytes(work),
    queuedAt,
    replaces: null,
    number: { cid, n: n ?? 0 },
    ord,
    mark: sent ? 'kept' : 'none',
    tried: carried ? 'before' : 'never',
    // It was not carried before it was marked, nor before it was made.
    carriedAt: carried ? sentAt : null,
    stage: QUEUED,
  }
}

/** An entry as it is handed to the storage. */
export const newWriteOf = (
  { id, number, mark, work, before, queuedAt }: Entry,
  schemaVersion: number,
): NewWrite => ({
  id,
  ...number,
  sent: mark === 'kept',
  work,
  ...(before && before.length > 0 ? { before } : {}),
  schemaVersion,
  queuedAt,
})

/** A copy: what was handed in belongs to the application, which may change it, and may be nothing that can be copied to another page. */
export function draftOf(write: Omit<Draft, 'bytes'>): Draft {
  const work = copyOfWork(write.work)
  const before = write.before?.map((row) => row && copyOfRow(row))
  return { ...write, work, before, bytes: workBytes(work) }
}

function copyOfWork(work: Work): Work {
  if (work.do === 'call') return plainCopy(work)
  return {
    do: 'mutate',
    ops: work.ops.map((op) => (op.cols ? { ...op, cols: copyOfRow(op.cols) } : { ...op })),
  }
}

/** By way of JSON only where there is more than a scalar: that is several times as dear as the rest of a write. */
function copyOfRow(row: WireValues): WireValues {
  const copy: Record<string, WireValue> = { ...row }
  for (const [column, value] of Object.entries(copy))
    if (typeof value === 'object' && value !== null) copy[column] = plainCopy(value)
  return copy
}

const plainCopy = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T

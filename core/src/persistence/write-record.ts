import type { WriteValue } from './database-layout.ts'
import type { NewFailure, NewWrite, StoredFailure, StoredWrite, WriteMark } from './room-storage.ts'

export const UNREADABLE = 'write-unreadable'

export const encodeWrite = (room: string, write: NewWrite): WriteValue => ({
  room,
  id: write.id,
  text: JSON.stringify(write),
})

export const encodeMark = ({ cid, n, sent, sentAt }: WriteMark): string =>
  JSON.stringify({ cid, n, sent, sentAt })

export const encodeFailure = (failure: NewFailure): string => JSON.stringify(failure)

/** A kept write under its last mark. One that cannot be read is a failure: it is shown, and its number is skipped. */
export function decodeWrite(
  ord: number,
  { room, id, text }: WriteValue,
  mark: string | undefined,
): StoredWrite | StoredFailure {
  let number: StoredFailure['number'] = null
  try {
    const marked = mark === undefined ? undefined : readMark(mark)
    if (marked?.n) number = { cid: marked.cid, n: marked.n }
    const write = { ...(JSON.parse(text) as NewWrite), ...marked, id, room, ord }
    if (isWork(write.work) && typeof write.cid === 'string') return write
  } catch {
    // Not JSON. Without its mark nobody can say whether it was sent, so that it must not be sent by itself.
  }
  return unreadable({ id, room, raw: text }, number)
}

export const isFailure = (record: StoredWrite | StoredFailure): record is StoredFailure => 'code' in record

export function decodeFailure(room: string, id: string, text: string): StoredFailure {
  try {
    const failure = JSON.parse(text) as NewFailure
    if (typeof failure.code === 'string') return { ...failure, id, room }
  } catch {
    // Not JSON.
  }
  return unreadable({ id, room, raw: text }, null)
}

const unreadable = (
  { id, room, raw }: { id: string; room: string; raw: string },
  number: StoredFailure['number'],
): StoredFailure => ({
  id,
  room,
  raw,
  number,
  code: UNREADABLE,
  message: 'The write was kept on this device and cannot be read any more',
  work: null,
  queuedAt: Date.now(),
  failedAt: Date.now(),
})

function readMark(text: string): Omit<WriteMark, 'id'> {
  const { cid, n, sent, sentAt } = JSON.parse(text) as WriteMark
  if (typeof cid !== 'string' || typeof sent !== 'boolean') throw new SyntaxError('not a mark')
  return { cid, n, sent, ...(typeof sentAt === 'number' && { sentAt }) }
}

const isWork = (work: unknown): boolean =>
  typeof work === 'object' &&
  work !== null &&
  'do' in work &&
  (work.do === 'call' || (work.do === 'mutate' && 'ops' in work && Array.isArray(work.ops)))

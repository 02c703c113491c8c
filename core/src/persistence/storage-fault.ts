/**
 * What a failure of the database asks for.
 *
 * taken   a key is there that nobody had: somebody else was first.
 * full    there is no room for it.
 * broken  the connection is of no use any more, another one may be.
 * other   the request was wrong; it would fail again.
 */
export type StorageFault = 'taken' | 'full' | 'broken' | 'other'

/** What engines say of a connection that was closed under the page, of a lost process, of an aborted transaction. */
const BROKEN: readonly string[] = [
  'InvalidStateError',
  'UnknownError',
  'AbortError',
  'TransactionInactiveError',
  'TimeoutError',
  'NotFoundError',
]

/** A full disk is an UnknownError in Chromium, and a DataError where the value was large enough to be a file of its own. */
const NO_ROOM = /no.?space|disk.{0,20}full|quota|failed to write blobs/i

export function faultOf(error: unknown): StorageFault {
  if (!(error instanceof Error)) return 'other'
  const { name, message } = error
  if (name === 'QuotaExceededError' || NO_ROOM.test(message)) return 'full'
  if (name === 'ConstraintError') return 'taken'
  return BROKEN.includes(name) ? 'broken' : 'other'
}

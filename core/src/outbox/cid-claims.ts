import type { HelloFrame } from '../wire/index.ts'
import { seenThrough } from './lane.ts'
import type { OutboxState } from './outbox-state.ts'

/**
 * The outbox's part of a hello: every client id under which a write waits, oldest first, because that is the order in which they are
 * sent; then those of this page that wait for nothing. Whether the history that answers has decided a write is a question about the
 * client id that it was sent under, and about no other. What is too much for one hello is declared when its turn has come.
 */
export function cidClaims({ entries, lanes, limits }: OutboxState): HelloFrame['cids'] {
  const cids = new Set(entries.map(({ number }) => number.cid))
  for (const [cid, { made }] of lanes) if (made === 'here') cids.add(cid)
  const seen = seenThrough(lanes, entries)
  return [...cids].slice(0, limits.cidsPerHello).map((cid) => ({ cid, seen: seen(cid) }))
}

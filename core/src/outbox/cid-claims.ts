import type { HelloFrame } from '../wire/index.ts'
import { openNumber } from './entry.ts'
import type { OutboxState } from './outbox-state.ts'

/** Every outcome up to this number has arrived. */
export function seenThrough({ entries, next }: OutboxState): number {
  let first = next
  for (const entry of entries) first = Math.min(first, openNumber(entry) ?? first)
  return first - 1
}

/** Client ids that are no longer written under, and the highest number that was decided under each and still waits for a join. */
export function formerCids({
  cid,
  entries,
}: Pick<OutboxState, 'cid' | 'entries'>): ReadonlyMap<string, number> {
  const former = new Map<string, number>()
  for (const { stage } of entries) {
    if (stage.is !== 'decided' || stage.cid === cid) continue
    former.set(stage.cid, Math.max(former.get(stage.cid) ?? 0, stage.n))
  }
  return former
}

/**
 * The outbox's part of a hello: the client id that is written under, and the former ones of which a write waits for its join. Whether
 * the history that answers has decided such a write is a question about the client id that it was sent under, and about no other.
 */
export function cidClaims(state: OutboxState): HelloFrame['cids'] {
  // Whatever came before the last decided number was told with it.
  const former = [...formerCids(state)].map(([cid, seen]) => ({ cid, seen }))
  return [{ cid: state.cid, seen: seenThrough(state) }, ...former].slice(0, state.limits.cidsPerHello)
}

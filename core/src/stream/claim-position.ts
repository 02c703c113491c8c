import type { Position } from '../wire/index.ts'
import { replaced, type Subscriptions } from './subscription.ts'

interface Claim {
  readonly position: Position | null
  readonly subs: Subscriptions
}

/**
 * What a hello claims: the position of the joined subscriptions, or without any that at which most of the waiting ones are. Those that are
 * there count as joined; the others ask for what changed since their own position. A position is never moved up to another one.
 */
export function claimPosition(position: Position | null, subs: Subscriptions): Claim {
  const isJoined = [...subs.values()].some(({ phase }) => phase.is === 'joined')
  const claimed = isJoined ? position : commonest(subs)
  if (claimed === null) return { position: null, subs }
  let next = subs
  for (const sub of subs.values()) {
    if (sub.phase.is !== 'waiting' || sub.phase.since?.position !== claimed) continue
    const { window } = sub.phase.since
    next = replaced(next, { ...sub, phase: { is: 'joined', window: window && { ...window, page: null } } })
  }
  return { position: claimed, subs: next }
}

function commonest(subs: Subscriptions): Position | null {
  const counts = new Map<Position, number>()
  for (const { phase } of subs.values()) {
    const position = phase.is === 'waiting' ? phase.since?.position : undefined
    if (position !== undefined) counts.set(position, (counts.get(position) ?? 0) + 1)
  }
  const [first] = [...counts].sort(([, a], [, b]) => b - a)
  return first?.[0] ?? null
}

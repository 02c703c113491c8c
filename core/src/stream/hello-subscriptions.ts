import { utf8Bytes } from '../wire/codec.ts'
import type { HelloSubscription, Position } from '../wire/index.ts'
import { placed, type Subscription, type Subscriptions } from './subscription.ts'
import { targetSize } from './window-size.ts'

/** A server takes 256 KB of hello; what else is in one is far below the rest. */
const BUDGET_BYTES = 200 * 1024

const inHello = ({ id, spec, phase, rows, limit }: Subscription): HelloSubscription => ({
  id,
  joined: phase.is === 'joined',
  ...spec,
  ...(spec.window ? { window: { ...spec.window, limit: targetSize(limit) } } : {}),
  ...(phase.is === 'joined' && rows ? { shape: rows.shape } : {}),
  ...(phase.is === 'joined' && phase.window ? { boundary: phase.window.boundary } : {}),
})

/** The joined ones that fit into one hello, the smallest first, and after them those that only announce themselves. */
function fitting(subs: Subscriptions): HelloSubscription[] {
  const sized = [...subs.values()]
    .map(inHello)
    .map((hello) => ({ hello, bytes: utf8Bytes(JSON.stringify(hello)) }))
    .sort((a, b) => Number(b.hello.joined) - Number(a.hello.joined) || a.bytes - b.bytes)
  let total = 0
  return sized
    .filter(({ bytes }) => {
      const fits = total + bytes <= BUDGET_BYTES
      if (fits) total += bytes
      return fits
    })
    .map(({ hello }) => hello)
}

/** What is said of the subscriptions in a hello, in the order of their numbers. */
export const helloSubscriptions = (subs: Subscriptions): HelloSubscription[] =>
  fitting(subs).sort((a, b) => a.id - b.id)

/** The position of a hello covers exactly the joined subscriptions that it names: those that do not fit join for themselves. */
export function demotedToFit(subs: Subscriptions, position: Position): Subscriptions {
  const named = new Set(fitting(subs).map(({ id }) => id))
  const next = new Map<number, Subscription>()
  for (const sub of subs.values()) {
    const fits = sub.phase.is !== 'joined' || named.has(sub.id)
    next.set(sub.id, fits ? sub : { ...sub, phase: { is: 'waiting', since: placed(sub, position) } })
  }
  return next
}

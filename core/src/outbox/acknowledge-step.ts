import type { ClientFrame } from '../wire/index.ts'
import { type Lanes, seenThrough, withLane } from './lane.ts'
import type { OutboxEffect } from './outbox-event.ts'
import type { OutboxState, OutboxStep } from './outbox-state.ts'

type Claims = Extract<ClientFrame, { type: 'seen' }>['cids']

/** Tells the server which outcomes it may forget, if it keeps any. */
export function tellSeen(state: OutboxState): OutboxStep {
  const cids: Claims[number][] = []
  const seen = seenThrough(state.lanes, state.entries)
  const lanes = new Map(state.lanes)
  for (const [cid, lane] of state.lanes) {
    if (lane.link !== 'declared' || lane.kept <= lane.told) continue
    const through = seen(cid)
    if (through <= lane.told) continue
    lanes.set(cid, { ...lane, told: through })
    cids.push({ cid, seen: through })
  }
  if (cids.length === 0) return { state, effects: [] }
  return { state: { ...state, lanes }, effects: [{ type: 'send', frame: { type: 'seen', cids } }] }
}

/** Client ids of this page that are not written under any more, and of which nothing waits. */
export function drainedCids({ entries, lanes, own }: OutboxState): readonly string[] {
  const used = new Set(entries.map(({ number }) => number.cid))
  return [...lanes].flatMap(([cid, { made, link, forgetting }]) => {
    const drained = made === 'here' && link === 'declared' && forgetting.size === 0 && !used.has(cid)
    return drained && cid !== own?.cid ? [cid] : []
  })
}

/** What the server may forget. */
export function acknowledge(state: OutboxState): OutboxStep {
  const told = tellSeen(state)
  const cids = drainedCids(told.state)
  if (cids.length === 0) return told
  const retire: OutboxEffect = { type: 'send', frame: { type: 'retire', cids } }
  // The socket goes on counting them.
  const lanes = cids.reduce<Lanes>(
    (left, cid) => withLane(left, cid, { made: 'elsewhere', link: 'spent' }),
    told.state.lanes,
  )
  return { state: { ...told.state, lanes }, effects: [...told.effects, retire] }
}

import type { Draft, Entry } from '../outbox/entry.ts'
import type { OutboxEffect, OutboxEvent } from '../outbox/outbox-event.ts'
import type { OutboxState, OutboxStep } from '../outbox/outbox-state.ts'
import type { WriteResult } from '../outbox/write-result.ts'
import type { Observe } from './observe.ts'
import type { WriteEvent } from './sync-event.ts'
import { workText } from './work-text.ts'

/** What a step of the outbox did to writes, seen from outside. */
export function observeOutbox(
  observe: Observe,
  before: OutboxState,
  event: OutboxEvent,
  { state, effects }: OutboxStep,
): void {
  const each = (is: WriteEvent['is'], entries: readonly Entry[]) => {
    for (const entry of entries) observe({ type: 'write', is, ...namesOf(entry) })
  }
  if (event.type === 'stored') each('stored', keptBy(event.ords, before, state))
  for (const effect of effects) {
    if (effect.type === 'put') each('queued', effect.entries)
    else if (effect.type === 'send') each('sent', carried(effect, state))
    else if (effect.type === 'settle')
      for (const { entry, result } of effect.settled) observe({ ...namesOf(entry), ...ended(result) })
    else if (effect.type === 'refuse') {
      const entry = before.entries.find(({ id }) => id === effect.id)
      const unnumbered = { id: effect.id, cid: null, n: null, what: null }
      observe({ ...(entry ? namesOf(entry) : unnumbered), ...ended(effect.result) })
    }
  }
}

/** A write may have ended before it was known to be kept. */
function keptBy(
  ords: ReadonlyMap<string, number>,
  before: OutboxState,
  after: OutboxState,
): readonly Entry[] {
  const storing = new Set(before.entries.flatMap(({ id, stage }) => (stage.is === 'storing' ? [id] : [])))
  return after.entries.filter(({ id }) => ords.has(id) && storing.has(id))
}

function carried({ frame }: Extract<OutboxEffect, { type: 'send' }>, state: OutboxState): readonly Entry[] {
  if (frame.type !== 'push') return []
  const sent = new Set(frame.items.map(({ cid, n }) => `${n} ${cid}`))
  return state.entries.filter(({ number: { cid, n } }) => sent.has(`${n} ${cid}`))
}

const ended = (result: WriteResult) =>
  ({
    type: 'write',
    is: result.is,
    ...(result.is === 'confirmed' ? {} : { code: result.code }),
  }) as const

const namesOf = ({ id, work, number: { cid, n } }: Entry) => ({ id, cid, n, what: whatOf(work) })

const whatOf = (work: Draft['work']): string =>
  work.do === 'call' ? workText([], work.name) : workText(work.ops, null)

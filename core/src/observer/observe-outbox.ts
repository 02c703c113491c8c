import type { Draft, Entry } from '../outbox/entry.ts'
import type { OutboxState, OutboxStep } from '../outbox/outbox-state.ts'
import type { WriteResult } from '../outbox/write-result.ts'
import type { Observe } from './observe.ts'
import type { WriteEvent } from './sync-event.ts'
import { workText } from './work-text.ts'

/** What a step of the outbox did to writes, seen from outside. */
export function observeOutbox(observe: Observe, before: OutboxState, { state, effects }: OutboxStep): void {
  for (const effect of effects) {
    if (effect.type === 'put') observeWrites(observe, 'queued', effect.entries)
    else if (effect.type === 'settle')
      for (const { entry, result } of effect.settled) ended(observe, entry, result)
    else if (effect.type === 'refuse') {
      const refused = [...before.entries, ...before.waiting].find(({ id }) => id === effect.id)
      ended(observe, refused ?? effect, effect.result)
    } else if (effect.type === 'send' && effect.frame.type === 'push') {
      for (const item of effect.frame.items) {
        const sent = state.entries.find(({ number: { cid, n } }) => n === item.n && cid === item.cid)
        if (sent) observeWrites(observe, 'sent', [sent])
      }
    }
  }
}

export function observeWrites(observe: Observe, is: WriteEvent['is'], writes: readonly Entry[]): void {
  for (const write of writes) observe({ type: 'write', is, ...namesOf(write) })
}

function ended(observe: Observe, write: Named, result: WriteResult): void {
  const code = result.is === 'confirmed' ? {} : { code: result.code }
  observe({ type: 'write', is: result.is, ...namesOf(write), ...code })
}

type Named = Pick<Entry, 'id'> & Partial<Pick<Entry, 'number' | 'work'>>

const namesOf = ({ id, number, work }: Named) => ({
  id,
  cid: number?.cid ?? null,
  n: number?.n ?? null,
  what: work ? textOf(work) : null,
})

const textOf = (work: Draft['work']): string =>
  work.do === 'call' ? workText([], work.name) : workText(work.ops, null)

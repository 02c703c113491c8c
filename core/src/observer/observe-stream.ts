import type { StreamEffect } from '../stream/stream-event.ts'
import type { StreamState, StreamStep } from '../stream/stream-state.ts'
import type { Subscription } from '../stream/subscription.ts'
import type { Happening, Observe } from './observe.ts'

/** What a step of the stream did, seen from outside. */
export function observeStream(observe: Observe, before: StreamState, { state, effects }: StreamStep): void {
  if (before.position !== state.position) observe({ type: 'position', position: state.position })
  if (before.subs === state.subs) return
  for (const [id, sub] of state.subs) {
    const happening = moved(before.subs.get(id), sub, effects)
    if (happening) observe(happening)
  }
  for (const [id, sub] of before.subs) if (!state.subs.has(id)) observe({ ...namesOf(sub), is: 'left' })
}

function moved(
  before: Subscription | undefined,
  sub: Subscription,
  effects: readonly StreamEffect[],
): Happening | undefined {
  const { phase, refusal } = sub
  const was = before?.phase.is
  if (was === phase.is) return undefined
  const of = namesOf(sub)
  if (phase.is === 'joined') return { ...of, is: 'joined', rows: rowsOf(sub.id, effects) }
  if (phase.is === 'refused') return { ...of, is: 'refused', ...(refusal ? { code: refusal.code } : {}) }
  return was === 'joined' ? { ...of, is: 'reset' } : undefined
}

const namesOf = ({ id, spec }: Subscription) =>
  ({ type: 'subscription', sub: id, collection: spec.collection, rows: 0 }) as const

function rowsOf(id: number, effects: readonly StreamEffect[]): number {
  for (const effect of effects) {
    if (effect.type === 'joined' && effect.sub === id)
      return effect.news.reduce((rows, { up }) => rows + up.length, 0)
  }
  return 0
}

import { describe, expect, it } from 'vitest'
import type { SubscriptionVerdict } from '../wire/index.ts'
import type { StreamEffect, StreamEvent } from './stream-event.ts'
import { streamStep } from './stream-transitions.ts'
import {
  at,
  GREETED,
  joined,
  LIVE_AT_1,
  LOST,
  mounted,
  run,
  typesOf,
  welcome,
} from './testing/stream-script.ts'

describe('a join at which the server failed', () => {
  const failing = (join: number): StreamEvent => ({
    type: 'refused',
    frame: { type: 'refused', re: 'join', join, code: 'internal', message: '' },
    at: 0,
  })
  const RETRY: StreamEvent = { type: 'retry', sub: 1, at: 0 }
  const LIVE_WITH_JOIN = [mounted(1), GREETED, welcome(), LIVE_AT_1]
  const pauseOf = (effects: readonly StreamEffect[]) =>
    effects.flatMap((effect) => (effect.type === 'retry-later' ? [effect.ms] : []))

  it('is asked again on the same socket, afresh, with a pause that grows to 30 s', () => {
    let { state } = run(...LIVE_WITH_JOIN)
    const pauses: number[] = []
    for (let join = 1; join <= 7; join++) {
      const refused = streamStep(state, failing(join))
      pauses.push(...pauseOf(refused.effects))
      const retried = streamStep(refused.state, RETRY)
      const frame = { type: 'join', sub: 1, join: join + 1, collection: 'todos' }
      expect(retried.effects).toEqual([{ type: 'send', frame }])
      state = retried.state
    }
    expect(pauses).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000])
  })

  it('is told to the collection once, and forgotten when a join succeeds', () => {
    const events = [...LIVE_WITH_JOIN, failing(1), RETRY, failing(2), RETRY]
    expect(typesOf(run(...LIVE_WITH_JOIN, failing(1)).effects)).toEqual(['refuse', 'retry-later'])
    expect(typesOf(run(...LIVE_WITH_JOIN, failing(1), RETRY, failing(2)).effects)).toEqual(['retry-later'])
    const restart: StreamEvent = {
      type: 'restart',
      frame: { type: 'restart', sub: 1, reason: 'shape' },
      at: 0,
    }
    expect(pauseOf(run(...events, joined(3, at(1)), restart, failing(4)).effects)).toEqual([1000])
  })

  it('is not asked again when a new socket has asked, when it was refused for good, and when nobody wants it', () => {
    const anew = run(...LIVE_WITH_JOIN, failing(1), LOST, GREETED, welcome(), LIVE_AT_1).state
    expect(streamStep(anew, RETRY)).toEqual({ state: anew, effects: [] })
    const denied = { type: 'refused', re: 'join', join: 1, code: 'read-denied', message: '' } as const
    const refused = run(...LIVE_WITH_JOIN, { type: 'refused', frame: denied, at: 0 })
    expect(pauseOf(refused.effects)).toEqual([])
    expect(streamStep(refused.state, RETRY).effects).toEqual([])
    expect(run(...LIVE_WITH_JOIN, failing(1), { type: 'unmounted', sub: 1 }, RETRY).effects).toEqual([])
  })

  it('waits for the end of the first pass when the welcome refused it', () => {
    const verdict: SubscriptionVerdict = { id: 1, is: 'refused', code: 'internal', message: '' }
    const welcomed = run(mounted(1), GREETED, welcome([verdict]))
    expect(pauseOf(welcomed.effects)).toEqual([1000])
    const live = streamStep(streamStep(welcomed.state, RETRY).state, LIVE_AT_1)
    expect(typesOf(live.effects)).toEqual(['live', 'send'])
  })
})

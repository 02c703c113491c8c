import { describe, expect, it } from 'vitest'
import type { OutboxEffect } from './outbox-event.ts'
import { outboxStep } from './outbox-transitions.ts'
import {
  draft,
  enqueued,
  FLUSH,
  run,
  runFrom,
  settledOf,
  stored,
  UP,
  unstored,
} from './testing/outbox-script.ts'

const putsOf = (effects: readonly OutboxEffect[]) =>
  effects.flatMap((effect) =>
    effect.type === 'put'
      ? [effect.entries.map(({ id, number: { cid, n }, mark }) => `${id} ${cid} ${n} ${mark}`)]
      : [],
  )

describe('keeping writes', () => {
  it('gives what one tick wrote its numbers and keeps it at once, with the mark when it is about to be sent [R7]', () => {
    expect(putsOf(run(enqueued(['a', 'b'], 'offline')).effects)).toEqual([['a c1 1 none', 'b c1 2 none']])
    expect(putsOf(run(enqueued(['a'], 'online')).effects)).toEqual([['a c1 1 kept']])
  })

  it('waits with what comes meanwhile, and keeps that together', () => {
    const first = run(enqueued(['a']), enqueued(['b']), enqueued(['c']))
    expect(putsOf(first.all)).toEqual([['a c1 1 kept']])
    expect(putsOf(runFrom(first, stored('a')).effects)).toEqual([['b c1 2 kept', 'c c1 3 kept']])
  })

  it('rejects what could not be kept, and never gives those numbers again [R7]', () => {
    const { effects, state } = run(
      ...UP,
      enqueued(['a']),
      stored('a'),
      FLUSH,
      enqueued(['b']),
      enqueued(['c']),
      unstored('c2'),
    )
    expect(settledOf(effects)).toMatchObject([['b', { is: 'unsent', code: 'storage-failed' }]])
    expect(putsOf(effects)).toEqual([['c c2 1 kept']])
    expect(outboxStep(state, enqueued(['d'])).effects).toEqual([])
  })

  it('makes no client id before the first write', () => {
    expect(run(...UP).state.own).toBeNull()
  })

  it('refuses more than 10,000 writes and more than 20 MB', () => {
    const many = Array.from({ length: 10_000 }, (_, i) => `w${i}`)
    const full = run(enqueued(many), enqueued(['x']))
    expect(settledOf(full.effects)).toMatchObject([['x', { is: 'invalid', code: 'outbox-full' }]])
    const huge = Array.from({ length: 22 }, (_, i) => draft(`w${i}`, { bytes: 1_000_000 }))
    const limits = { frameBytes: 2_000_000, itemsPerPush: 100, opsPerMutation: 2, cidsPerHello: 3 }
    const { effects } = outboxStep({ ...run().state, limits }, enqueued(huge))
    expect(settledOf(effects)).toMatchObject([
      ['w20', { code: 'outbox-full' }],
      ['w21', { code: 'outbox-full' }],
    ])
  })
})

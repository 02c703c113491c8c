import { describe, expect, it } from 'vitest'
import type { StoredFailure } from '../persistence/room-storage.ts'
import type { OutboxEvent } from './outbox-event.ts'
import { outboxStep } from './outbox-transitions.ts'
import {
  adopted,
  again,
  enqueued,
  FLUSH,
  joining,
  LOST,
  marked,
  numbersOf,
  other,
  run,
  runFrom,
  settledOf,
  stored,
  UP,
  unstored,
  written,
  writtenOffline,
} from './testing/outbox-script.ts'

const failure = (id: string, code: string): StoredFailure => ({
  id,
  room: 'room',
  code,
  message: 'no',
  work: null,
  number: null,
  queuedAt: 0,
  failedAt: 0,
})

describe('a kept write of another page', () => {
  it('takes its place in the order of the storage, once', () => {
    const { state } = run(
      ...written('b'),
      adopted(other('c', 'c3 1'), other('a', 'c2 1')),
      adopted(other('a', 'c2 1')),
    )
    expect(state.entries.map(({ id }) => id)).toEqual(['a', 'b', 'c'])
  })

  it('comes before those that this page is keeping, until these have their places', () => {
    const waiting = run(enqueued(['b']), adopted(other('c', 'c2 1')))
    expect(waiting.state.entries.map(({ id }) => id)).toEqual(['c', 'b'])
    expect(runFrom(waiting, stored('b')).state.entries.map(({ id }) => id)).toEqual(['b', 'c'])
  })

  it('may have been sent if it is marked, also one of this page that another leader has marked', () => {
    const unknown = again({ verdict: { is: 'unknown', last: 0 } })
    const { effects } = run(...writtenOffline('a'), adopted(other('a', 'c1 1', marked)), ...unknown, FLUSH)
    expect(numbersOf(effects)).toEqual([['c1 1 again']])
  })

  it('has the number that another leader has given it', () => {
    const { state } = run(...writtenOffline('a'), adopted(other('a', 'f7 1')))
    expect(state.entries).toMatchObject([{ id: 'a', number: { cid: 'f7', n: 1 } }])
  })

  it('is left as it is while it is on its way from here', () => {
    const { state } = run(...UP, ...written('a'), FLUSH, adopted(other('a', 'f7 1')))
    expect(state.entries).toMatchObject([{ number: { cid: 'c1', n: 1 }, stage: { is: 'sent' } }])
  })
})

describe('a write that was settled elsewhere', () => {
  const told: OutboxEvent = {
    type: 'elsewhere',
    results: [
      { id: 'a', result: { is: 'confirmed', result: 7 } },
      { id: 'x', result: { is: 'confirmed', result: undefined } },
    ],
  }

  it('leaves the outbox, and this tab keeps nothing of it', () => {
    const { effects, state } = run(...written('a'), adopted(other('b', 'c2 1')), told)
    expect(effects).toMatchObject([{ type: 'settle', ending: 'kept' }])
    expect(settledOf(effects)).toEqual([['a', { is: 'confirmed', result: 7 }]])
    expect(state.entries.map(({ id }) => id)).toEqual(['b'])
  })

  it('before this page has heard that it is kept is settled at once, or with the rows of a join', () => {
    const settled = run(enqueued(['a']), told)
    expect(settledOf(settled.effects)).toEqual([['a', { is: 'confirmed', result: 7 }]])
    expect(runFrom(settled, stored('a')).state.entries).toEqual([])
    const held = run(joining('todos'), enqueued(['a']), told, stored('a'))
    expect(held.state.entries).toMatchObject([{ stage: { is: 'decided' } }])
    expect(settledOf(runFrom(held, joining()).effects)).toMatchObject([['a', { is: 'confirmed' }]])
  })

  it('before this page has heard that it is kept holds up what comes next until it has', () => {
    const waiting = run(enqueued(['a']), told, enqueued(['b']))
    const putsOf = ({ all }: typeof waiting) =>
      all.flatMap((effect) => (effect.type === 'put' ? effect.entries : []))
    expect(putsOf(waiting).map(({ id }) => id)).toEqual(['a'])
    for (const heard of [stored('a'), unstored('c2')]) {
      const { effects, ...then } = runFrom(waiting, heard)
      expect(putsOf({ effects, ...then }).map(({ id }) => id)).toEqual(['a', 'b'])
      expect(then.state.entries).toMatchObject([{ id: 'b', stage: { is: 'storing' } }])
      expect(settledOf(effects)).toEqual([])
    }
  })

  it('and of which nobody told is confirmed, unless it is among the failed writes', () => {
    const absent: OutboxEvent = {
      type: 'absent',
      ids: ['a', 'b', 'c', 'd', 'e'],
      failed: [failure('b', 'denied'), failure('c', 'outcome-unknown'), failure('d', 'discarded')],
    }
    const { effects } = run(...written('a', 'b', 'c', 'd'), enqueued(['e']), absent)
    expect(settledOf(effects)).toMatchObject([
      ['a', { is: 'confirmed' }],
      ['b', { is: 'rejected', code: 'denied' }],
      ['c', { is: 'unknown', code: 'outcome-unknown' }],
      ['d', { is: 'withdrawn', code: 'discarded' }],
    ])
  })
})

describe('a write that is taken back', () => {
  const back: OutboxEvent = { type: 'withdrawing', id: 'a' }
  const done: OutboxEvent = { type: 'withdrawn', id: 'a' }

  it('is settled when that is kept, and skipped', () => {
    const { effects } = run(...writtenOffline('a'), ...written('b'), back, done)
    expect(settledOf(effects)).toMatchObject([['a', { is: 'withdrawn', code: 'discarded' }]])
    expect(effects).toMatchObject([{ ending: 'kept' }])
    const unknown = again({ verdict: { is: 'unknown', last: 0 } })
    const sent = run(...writtenOffline('a'), ...written('b'), back, done, ...unknown, FLUSH)
    expect(numbersOf(sent.effects)).toEqual([['c1 1 skip', 'c1 2']])
  })

  it('is not sent meanwhile, nor what comes after it', () => {
    const unknown = again({ verdict: { is: 'unknown', last: 0 } })
    const held = run(...writtenOffline('a'), ...written('b'), back, ...unknown, FLUSH)
    expect(held.effects).toEqual([])
    expect(numbersOf(runFrom(held, done, FLUSH).effects)).toEqual([['c1 1 skip', 'c1 2']])
  })

  it.each([
    ['is on its way', [...UP, ...written('a'), FLUSH]],
    ['was on its way', [...UP, ...written('a'), FLUSH, LOST]],
    ['is marked', written('a')],
    ['is not kept yet', [enqueued(['a'])]],
  ])('stays if it %s', (_, before) => {
    const { state } = run(...before)
    expect(outboxStep(state, back).state).toBe(state)
  })
})

import { describe, expect, it } from 'vitest'
import { cidClaims } from './cid-claims.ts'
import type { OutboxEvent } from './outbox-event.ts'
import { outboxStep } from './outbox-state.ts'
import {
  FLUSH,
  joining,
  LOST,
  numbersOf,
  pushesOf,
  receipt,
  run,
  sentTypes,
  settledOf,
  UP,
  welcome,
  written,
} from './testing/outbox-script.ts'

const DAY_MS = 24 * 3_600_000

describe('a write that waits for its join', () => {
  const confirmed = { is: 'confirmed', result: undefined }
  const says = (
    verdicts: Readonly<Record<string, number | null>>,
    reset?: 'lineage',
    now = 0,
  ): OutboxEvent => {
    const event = welcome({ ...(reset ? { reset } : {}), now })
    const cids = Object.entries(verdicts).map(
      ([cid, last]) => ({ cid, is: last === null ? 'unknown' : 'known', last: last ?? 0 }) as const,
    )
    return event.type === 'welcome' ? { ...event, frame: { ...event.frame, cids } } : event
  }
  const live = (fresh: string): OutboxEvent => ({ type: 'live', fresh, at: 0 })
  // a, b and c are decided as c1/1 to c1/3 when the database is restored; d did not happen and goes out as c2/1.
  const restored = [
    ...UP,
    ...written('a', 'b', 'c', 'd'),
    FLUSH,
    LOST,
    joining('todos'),
    says({ c1: 3 }, 'lineage'),
    live('c2'),
    FLUSH,
  ]

  it('is declared under the client id that decided it, after the outbox has moved to another [R7]', () => {
    expect(cidClaims(run(...restored).state)).toEqual([
      { cid: 'c2', seen: 0 },
      { cid: 'c1', seen: 3 },
    ])
    const { state } = run(...restored)
    expect(cidClaims({ ...state, limits: { ...state.limits, cidsPerHello: 1 } })).toEqual([
      { cid: 'c2', seen: 0 },
    ])
    expect(cidClaims(run(...restored, joining()).state)).toEqual([{ cid: 'c2', seen: 0 }])
  })

  it('is not sent again because of what is decided under another client id [R7, R20]', () => {
    const { all, state } = run(...restored, LOST, says({ c2: 1, c1: 3 }), live('c3'), FLUSH)
    expect(numbersOf(all)).toEqual([['c1 1', 'c1 2', 'c1 3', 'c1 4'], ['c2 1']])
    expect(settledOf(outboxStep(state, joining()).effects)).toEqual(
      ['a', 'b', 'c', 'd'].map((id) => [id, confirmed]),
    )
  })

  it('is not sent again when its client id is not judged [R7]', () => {
    const { all } = run(...restored, LOST, says({ c2: 0 }), live('c3'), FLUSH)
    expect(numbersOf(all).slice(2)).toEqual([['c2 1 again']])
  })

  it('is sent again when a second restore took it before its rows were loaded [R20]', () => {
    const once = [...UP, joining('todos'), ...written('a', 'b'), FLUSH, receipt(1), receipt(2), LOST]
    expect(numbersOf(run(...once, says({ c1: 1 }), live('c2'), FLUSH).effects)).toEqual([['c1 2 again']])
    expect(numbersOf(run(...once, says({ c1: null }), live('c2'), FLUSH).effects)).toEqual([
      ['c1 1 again', 'c1 2 again'],
    ])
  })

  it('is sent again, before what came after it, when a later restore took it from an earlier client id [R20]', () => {
    const again = [LOST, says({ c2: null, c1: 1 }), live('c3'), FLUSH]
    expect(numbersOf(run(...restored, ...again).effects)).toEqual([['c3 1', 'c3 2', 'c3 3']])
    const settled = settledOf(run(...restored, ...again, joining()).effects)
    expect(settled).toEqual([['a', confirmed]])
  })

  it('is sent again before what came after it also when the server still waits for that one [R20]', () => {
    const { all, state } = run(...restored, LOST, says({ c2: 0, c1: 1 }), live('c3'), FLUSH)
    expect(numbersOf(all).at(-1)).toEqual(['c3 1', 'c3 2', 'c3 3'])
    expect(settledOf(outboxStep(state, joining()).effects)).toEqual([['a', confirmed]])
  })

  it('is left unknown when its client id may have been forgotten by age [C8]', () => {
    const { effects, state } = run(
      ...restored,
      LOST,
      says({ c2: 1, c1: null }, undefined, 80 * DAY_MS),
      live('c3'),
    )
    expect(settledOf(effects)).toMatchObject(['a', 'b', 'c'].map((id) => [id, { code: 'outcome-unknown' }]))
    expect(pushesOf(outboxStep(state, FLUSH).effects)).toEqual([])
  })

  it('keeps its client id from being retired until the join has ended', () => {
    const before = run(...restored)
    expect(sentTypes(before.all)).toEqual(['push', 'open', 'push'])
    expect(outboxStep(before.state, joining()).effects).toContainEqual({
      type: 'send',
      frame: { type: 'retire', cids: ['c1'] },
    })
  })
})

import { describe, expect, it } from 'vitest'
import { cidClaims } from './cid-claims.ts'
import { outboxStep } from './outbox-transitions.ts'
import {
  again,
  FLUSH,
  joining,
  numbersOf,
  pushesOf,
  receipt,
  run,
  runFrom,
  settledOf,
  UP,
  written,
} from './testing/outbox-script.ts'

const DAY_MS = 24 * 3_600_000

describe('a write that waits for its join', () => {
  const confirmed = { is: 'confirmed', result: undefined }
  // a, b and c are decided as c1/1 to c1/3, and wait.
  const waiting = [
    ...UP,
    joining('todos'),
    ...written('a', 'b', 'c'),
    FLUSH,
    receipt(1),
    receipt(2),
    receipt(3),
  ]

  it('is declared with the next hello, so that the history that answers tells of it [R7]', () => {
    expect(cidClaims(run(...waiting).state)).toEqual([{ cid: 'c1', seen: 3 }])
  })

  it('is not sent again when the history has decided it [R7, R20]', () => {
    const { all, state } = run(...waiting, ...again({ verdict: { is: 'known', last: 3 } }), FLUSH)
    expect(numbersOf(all)).toEqual([['c1 1', 'c1 2', 'c1 3']])
    expect(settledOf(outboxStep(state, joining()).effects)).toEqual(
      ['a', 'b', 'c'].map((id) => [id, confirmed]),
    )
  })

  it('is not sent again when its client id is not judged [R7]', () => {
    const { effects } = run(...waiting, ...again({}), ...written('d'), FLUSH)
    expect(numbersOf(effects)).toEqual([['c1 4']])
  })

  it('is sent again when a restore took it before its rows were loaded [R20]', () => {
    const one = run(...waiting, ...again({ verdict: { is: 'known', last: 1 } }), FLUSH)
    expect(numbersOf(one.effects)).toEqual([['c1 2 again', 'c1 3 again']])
    expect(settledOf(runFrom(one, joining()).effects)).toEqual([['a', confirmed]])
    const all = run(...waiting, ...again({ verdict: { is: 'unknown', last: 0 } }), FLUSH)
    expect(numbersOf(all.effects)).toEqual([['c1 1 again', 'c1 2 again', 'c1 3 again']])
  })

  it('is sent again, before what came after it, when a second restore took it [R20]', () => {
    const first = [...again({ verdict: { is: 'known', last: 2 } }), FLUSH, receipt(3), ...written('d'), FLUSH]
    const { effects } = run(...waiting, ...first, ...again({ verdict: { is: 'known', last: 1 } }), FLUSH)
    expect(numbersOf(effects)).toEqual([['c1 2 again', 'c1 3 again', 'c1 4 again']])
  })

  it('is left unknown when its client id may have been forgotten by age [C8]', () => {
    const says = { verdict: { is: 'unknown', last: 0 }, now: 80 * DAY_MS } as const
    const { effects, state } = run(...waiting, ...again(says))
    expect(settledOf(effects)).toMatchObject(['a', 'b', 'c'].map((id) => [id, { code: 'outcome-unknown' }]))
    expect(pushesOf(outboxStep(state, FLUSH).effects)).toEqual([])
  })

  it('holds up nothing: it is decided', () => {
    const { effects } = run(...waiting, ...written('d'), FLUSH)
    expect(numbersOf(effects)).toEqual([['c1 4']])
  })
})

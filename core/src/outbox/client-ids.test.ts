import { describe, expect, it } from 'vitest'
import { CloseCode } from '../wire/index.ts'
import { cidClaims } from './cid-claims.ts'
import {
  adopted,
  again,
  enqueued,
  FLUSH,
  framesOf,
  LIVE,
  LOST,
  marked,
  markKept,
  marksOf,
  numbersOf,
  other,
  receipt,
  refused,
  run,
  runFrom,
  sentTypes,
  settledOf,
  typesOf,
  UP,
  unstored,
  welcome,
  written,
} from './testing/outbox-script.ts'

const DAY_MS = 24 * 3_600_000

describe('one client id at a time', () => {
  // In the order of the storage: b of c2, c of c3, d of c2, e of this page.
  const kept = adopted(
    other('d', 'c2 2', { mark: 'kept' }),
    other('b', 'c2 1', { mark: 'kept' }),
    other('c', 'c3 1', { mark: 'kept' }),
  )
  const start = [kept, ...written('e'), welcome({ cids: { c2: null, c3: null, c1: null } }), LIVE, FLUSH]

  it('is sent: a write waits until those before it of another one are decided [R7]', () => {
    const first = run(...start)
    expect(numbersOf(first.all)).toEqual([['c2 1']])
    const second = runFrom(first, FLUSH, receipt(1, undefined, 'c2'), FLUSH)
    expect(numbersOf(second.all).slice(1)).toEqual([['c3 1']])
    const third = runFrom(second, receipt(1, undefined, 'c3'), FLUSH)
    expect(numbersOf(third.effects)).toEqual([['c2 2']])
    expect(numbersOf(runFrom(third, receipt(2, undefined, 'c2'), FLUSH).effects)).toEqual([['c1 1']])
  })

  it('is pipelined within itself', () => {
    const own = adopted(other('b', 'c2 1', { mark: 'kept' }), other('c', 'c2 2', { mark: 'kept' }))
    const { effects } = run(own, welcome({ cids: { c2: null } }), LIVE, FLUSH)
    expect(numbersOf(effects)).toEqual([['c2 1', 'c2 2']])
  })

  it('goes on when the one before is rejected, or withdrawn', () => {
    const first = run(...start)
    const rejected = receipt(1, { is: 'rejected', code: 'denied', message: '' }, 'c2')
    expect(numbersOf(runFrom(first, rejected, FLUSH).effects)).toEqual([['c3 1']])
  })
})

describe('a write of another page that comes to be known late', () => {
  it('is sent beside what is on its way already, and a refusal is about its client id alone', () => {
    const late = adopted(other('a', 'c2 1', { mark: 'kept' }))
    const both = run(...UP, ...written('b'), FLUSH, late, FLUSH)
    expect(numbersOf(both.all)).toEqual([['c1 1'], ['c2 1']])
    const { state } = runFrom(both, refused('cid-undeclared', 1, undefined, 'c2'))
    expect(state.entries.map(({ stage }) => stage.is)).toEqual(['queued', 'sent'])
  })
})

describe('a hello', () => {
  it('declares every client id under which a write waits, oldest first, and those of this page', () => {
    const { state } = run(...written('z'), adopted(other('b', 'c2 5'), other('a', 'c3 1')))
    expect(cidClaims(state)).toEqual([
      { cid: 'c3', seen: 0 },
      { cid: 'c2', seen: 4 },
      { cid: 'c1', seen: 0 },
    ])
    expect(cidClaims(run(...UP).state)).toEqual([])
  })

  it('declares no more than it may: the rest is declared when its turn comes [R28]', () => {
    const { state } = run(
      adopted(...['a', 'b', 'c', 'd'].map((id, i) => other(id, `p${i} 1`, { mark: 'kept' }))),
    )
    expect(cidClaims(state).map(({ cid }) => cid)).toEqual(['p0', 'p1', 'p2'])
  })
})

describe('a client id that the socket does not know', () => {
  it('is declared again on the next one, also when it was known to the last', () => {
    const known = [...UP, ...written('a'), FLUSH, receipt(1)]
    const { effects } = run(...known, ...again({}), ...written('b'), FLUSH)
    expect(sentTypes(effects)).toEqual(['open', 'push'])
  })

  it('and under which nothing was ever sent is forgotten with the socket', () => {
    const { state } = run(...UP, enqueued(['a']), unstored('c9'), ...again({}))
    expect([...state.lanes.keys()]).toEqual([])
  })

  it('is not told that an outcome has been seen that is not kept yet', () => {
    const rejected = receipt(1, { is: 'rejected', code: 'denied', message: '' }, 'c2')
    const first = [
      adopted(other('a', 'c2 1', { mark: 'kept' })),
      welcome({ cids: { c2: null } }),
      LIVE,
      FLUSH,
    ]
    const { state } = run(...first, rejected, LOST, adopted(other('b', 'c2 2')))
    expect(cidClaims(state)).toEqual([{ cid: 'c2', seen: 0 }])
  })

  it('is declared before it is written under, also that of another page', () => {
    const { effects } = run(...UP, adopted(other('b', 'c2 5', { mark: 'kept' })), FLUSH)
    expect(framesOf(effects)).toMatchObject([
      { type: 'open', cids: [{ cid: 'c2', seen: 4 }] },
      { type: 'push', items: [{ cid: 'c2', n: 5 }] },
    ])
  })

  it('and for which there is no room any more is declared by a new hello [R28]', () => {
    const three = welcome({ cids: { p0: null, p1: null, p2: null } })
    const fourth = adopted(other('d', 'p3 1', { mark: 'kept' }))
    const { effects } = run(three, LIVE, fourth, FLUSH)
    expect(effects).toMatchObject([{ type: 'redial', code: CloseCode.silence }])
  })

  it('and for which a retired one has left no room is declared by a new hello: the socket goes on counting', () => {
    const failing = [...UP, ...written('a'), FLUSH, enqueued(['b']), unstored('c9'), receipt(1), FLUSH]
    const two = adopted(other('x', 'p1 1', { mark: 'kept' }))
    const { effects } = run(
      ...failing,
      two,
      FLUSH,
      receipt(1, undefined, 'p1'),
      adopted(other('y', 'p2 1', { mark: 'kept' })),
      FLUSH,
      receipt(1, undefined, 'p2'),
      adopted(other('z', 'p3 1', { mark: 'kept' })),
      FLUSH,
    )
    expect(typesOf(effects)).toEqual(['redial'])
  })

  it('and may have been forgotten by age is declared by a new hello, whose verdict tells [C8]', () => {
    const old = adopted(other('b', 'c2 1', marked))
    expect(typesOf(run(welcome({ now: 80 * DAY_MS }), LIVE, old, FLUSH).effects)).toEqual(['redial'])
    expect(sentTypes(run(welcome({ now: 79 * DAY_MS }), LIVE, old, FLUSH).effects)).toEqual(['open', 'push'])
  })

  it('that was marked by a clock that runs ahead is old', () => {
    const ahead = adopted(other('b', 'c2 1', { ...marked, carriedAt: 400 * DAY_MS }))
    const { effects } = run(ahead, welcome({ cids: { c2: null } }), LIVE)
    expect(settledOf(effects)).toMatchObject([['b', { code: 'outcome-unknown' }]])
  })
})

describe('a number without a write', () => {
  it('is skipped right before the next one [R7]', () => {
    const kept = adopted(
      other('b', 'c2 3', { mark: 'kept' }),
      other('c', 'c2 4', { mark: 'kept' }),
      other('d', 'c2 7', { mark: 'kept' }),
    )
    const { effects } = run(kept, welcome({ cids: { c2: 1 } }), LIVE, FLUSH)
    expect(numbersOf(effects).flat()).toEqual(['c2 2 skip', 'c2 3', 'c2 4', 'c2 5 skip', 'c2 6 skip', 'c2 7'])
  })

  it('is skipped again when the server did not get it', () => {
    const kept = adopted(other('b', 'c2 3', { mark: 'kept' }))
    const { effects } = run(
      kept,
      welcome({ cids: { c2: 1 } }),
      LIVE,
      FLUSH,
      refused('gap', 3, 2, 'c2'),
      FLUSH,
    )
    expect(numbersOf(effects)).toEqual([['c2 2 skip', 'c2 3']])
  })

  it('is skipped when a refusal tells of it, of a client id that no hello has asked about', () => {
    const kept = adopted(other('b', 'c2 3', { mark: 'kept' }))
    const { effects } = run(...UP, kept, FLUSH, refused('gap', 3, 2, 'c2'), FLUSH)
    expect(numbersOf(effects)).toEqual([['c2 2 skip', 'c2 3']])
  })

  it('is acknowledged, because the server keeps that it was skipped', () => {
    const kept = adopted(other('b', 'c2 2', { mark: 'kept' }), other('c', 'c2 3', { mark: 'kept' }))
    const { effects } = run(
      kept,
      welcome({ cids: { c2: null } }),
      LIVE,
      FLUSH,
      receipt(1, { is: 'skipped' }, 'c2'),
      FLUSH,
    )
    expect(framesOf(effects)).toEqual([{ type: 'seen', cids: [{ cid: 'c2', seen: 1 }] }])
  })

  it('of another history is acknowledged there too, so that the server never waits for it', () => {
    const rejected = { is: 'rejected', code: 'denied', message: '' } as const
    const sent = run(...UP, ...written('a', 'b', 'c'), FLUSH, receipt(1, rejected), receipt(2, rejected))
    const kept = { type: 'forgotten', numbers: [1, 2].map((n) => ({ cid: 'c1', n })) } as const
    const told = runFrom(sent, kept, FLUSH)
    expect(framesOf(told.effects)).toEqual([{ type: 'seen', cids: [{ cid: 'c1', seen: 2 }] }])
    const wiped = runFrom(told, ...again({ verdict: { is: 'unknown', last: 0 } }), FLUSH)
    expect(numbersOf(wiped.effects)).toEqual([['c1 1 skip', 'c1 2 skip', 'c1 3 again']])
    const skipped = receipt(2, { is: 'skipped' })
    expect(framesOf(runFrom(wiped, receipt(1, { is: 'skipped' }), skipped, FLUSH).effects)).toEqual([
      { type: 'seen', cids: [{ cid: 'c1', seen: 2 }] },
    ])
  })
})

describe('a retired client id', () => {
  const kept = adopted(
    other('a', 'c2 1', marked),
    other('b', 'c2 2', marked),
    other('c', 'c2 3', marked),
    other('d', 'c2 4'),
    other('e', 'c2 5'),
  )

  it('has decided its numbers up to its last; above, what may have run is unknown and the rest moves [R7]', () => {
    const judged = run(kept, welcome({ cids: { c2: { is: 'retired', last: 2 } } }), LIVE, FLUSH)
    expect(settledOf(judged.all)).toMatchObject([
      ['a', { is: 'confirmed' }],
      ['b', { is: 'confirmed' }],
      ['c', { is: 'unknown' }],
    ])
    const moved = runFrom(judged, FLUSH)
    expect(marksOf(moved.effects)).toEqual([['d f1 1', 'e f1 2']])
    expect(framesOf(moved.effects)).toEqual([])
    expect(framesOf(runFrom(moved, markKept('d', 'f1 1'), FLUSH).effects)).toMatchObject([
      { type: 'open', cids: [{ cid: 'f1', seen: 0 }] },
      { type: 'push', items: [{ cid: 'f1', n: 1 }] },
    ])
  })

  it('and a full socket do not make a new client id again and again', () => {
    const one = other('d', 'c2 1')
    const says = { cids: { c2: { is: 'retired', last: 0 }, p1: null, p2: null } } as const
    const full = adopted(one, other('x', 'p1 1'), other('y', 'p2 1'))
    const asked = run(full, welcome(says), LIVE, FLUSH, FLUSH)
    expect(marksOf(asked.effects)).toEqual([['d f1 1']])
    const { state, effects } = runFrom(asked, adopted(one), markKept('d', 'f1 1'), FLUSH)
    expect(typesOf(effects)).toEqual(['redial'])
    expect(cidClaims(state)).toMatchObject([{ cid: 'f1' }, { cid: 'p1' }, { cid: 'p2' }])
  })

  it('of this page is written under no more', () => {
    const { state } = run(...written('a'), welcome({ verdict: { is: 'retired', last: 0 } }), LIVE, {
      ...enqueued(['b']),
      fresh: 'c7',
    })
    expect(state.entries.at(-1)?.number).toEqual({ cid: 'c7', n: 1 })
    const late = [refused('cid-retired', 1), { ...enqueued(['b']), fresh: 'c7' }]
    const { entries } = run(...UP, ...written('a'), FLUSH, ...late).state
    expect(entries.at(-1)?.number).toEqual({ cid: 'c7', n: 1 })
  })

  it('that was made here is retired when it is drained and not written under any more', () => {
    const failing = run(...UP, ...written('a'), FLUSH, enqueued(['b']), unstored('c9'), receipt(1), FLUSH)
    expect(framesOf(failing.effects)).toEqual([{ type: 'retire', cids: ['c1'] }])
    const foreign = run(adopted(other('b', 'c2 1', { mark: 'kept' })), welcome({ cids: { c2: null } }), LIVE)
    expect(sentTypes(runFrom(foreign, FLUSH, receipt(1, undefined, 'c2'), FLUSH, LOST).all)).toEqual(['push'])
  })
})

import { describe, expect, it } from 'vitest'
import { CloseCode, DEFAULT_LIMITS, type Outcome } from '../wire/index.ts'
import type { OutboxEvent } from './outbox-event.ts'
import { outboxWaitsSince } from './outbox-state.ts'
import { outboxStep } from './outbox-transitions.ts'
import {
  again,
  CLOSED,
  calling,
  draft,
  enqueued,
  FLUSH,
  framesOf,
  insert,
  joining,
  LIVE,
  LOST,
  marksOf,
  numbersOf,
  pushesOf,
  receipt,
  refused,
  run,
  runFrom,
  sentTypes,
  settledOf,
  stored,
  typesOf,
  UP,
  type WelcomeSays,
  welcome,
  written,
} from './testing/outbox-script.ts'

const DAY_MS = 24 * 3_600_000

describe('pushing', () => {
  it('sends what one tick wrote in one frame, numbered in order', () => {
    expect(numbersOf(run(...UP, ...written('a', 'b', 'c'), FLUSH).effects)).toEqual([
      ['c1 1', 'c1 2', 'c1 3'],
    ])
  })

  it('cuts frames below the limit', () => {
    const big = ['a', 'b', 'c'].map((id) => draft(id, { bytes: 400 }))
    expect(numbersOf(run(...UP, enqueued(big), stored('a', 'b', 'c'), FLUSH).effects)).toEqual([
      ['c1 1', 'c1 2'],
      ['c1 3'],
    ])
  })

  it.each([
    ['the server says', 3, [3, 3, 1]],
    ['is the default where an older server says nothing', null, [DEFAULT_LIMITS.itemsPerPush, 1]],
  ])('cuts frames at the number of writes that %s, however small they are [R28]', (_, says, lengths) => {
    const count = lengths.reduce((sum, length) => sum + length, 0)
    const ids = Array.from({ length: count }, (_, i) => `w${i}`)
    const small = enqueued(ids.map((id) => draft(id, { bytes: 0 })))
    const { effects } = run(welcome({ itemsPerPush: says }), LIVE, small, stored(...ids), FLUSH)
    expect(numbersOf(effects).map(({ length }) => length)).toEqual(lengths)
  })

  it('waits for a write that is still being stored, so that the order holds', () => {
    const { state, effects } = run(...UP, ...written('a'), enqueued(['b']), enqueued(['c']), FLUSH)
    expect(numbersOf(effects)).toEqual([['c1 1']])
    const later = runFrom({ state, effects, all: [] }, stored('b'), FLUSH, stored('c'), FLUSH)
    expect(numbersOf(later.all)).toEqual([['c1 2'], ['c1 3']])
  })

  it('declares a client id before it is first written under', () => {
    const { effects } = run(...UP, ...written('a'), FLUSH)
    expect(framesOf(effects)).toMatchObject([
      { type: 'open', cids: [{ cid: 'c1', seen: 0 }] },
      { type: 'push', items: [{ cid: 'c1', n: 1 }] },
    ])
    expect(sentTypes(run(...UP, ...written('a'), FLUSH, ...written('b'), FLUSH).effects)).toEqual(['push'])
  })

  it('refuses what no frame can carry and what no server would take', () => {
    expect(settledOf(run(enqueued([draft('a', { bytes: 1001 })])).effects)).toMatchObject([
      ['a', { code: 'write-too-large' }],
    ])
    const ops = [insert('todos'), insert('todos'), insert('todos')]
    const many = draft('a', { work: { do: 'mutate', ops } })
    expect(settledOf(run(enqueued([many])).effects)).toMatchObject([['a', { code: 'too-many-ops' }]])
  })

  it('refuses a queued write that a lowered limit no longer lets through, and skips its number', () => {
    const big = enqueued(['a', draft('b', { bytes: 50 }), 'c'])
    const { effects } = run(...UP, big, stored('a', 'b', 'c'), ...again({ frameBytes: 40 }), FLUSH)
    expect(settledOf(effects)).toMatchObject([['b', { code: 'write-too-large' }]])
    expect(numbersOf(effects).flat()).toEqual(['c1 1', 'c1 2 skip', 'c1 3'])
  })

  it('skips a numbered write that a lowered limit no longer lets through, and rejects it once it is skipped [D10]', () => {
    const lowered = [LOST, welcome({ verdict: { is: 'known', last: 0 }, frameBytes: 5 }), LIVE, FLUSH]
    const skipped = run(...UP, ...written('a'), FLUSH, ...lowered)
    expect(pushesOf(skipped.effects)).toEqual([{ type: 'push', items: [{ cid: 'c1', n: 1, do: 'skip' }] }])
    expect(settledOf(skipped.all)).toEqual([])
    const { effects } = outboxStep(skipped.state, receipt(1, { is: 'skipped' }))
    expect(settledOf(effects)).toMatchObject([['a', { is: 'invalid', code: 'write-too-large' }]])
  })

  it('takes what became of a numbered write for the answer to its skip, when it had been decided [C10]', () => {
    const lowered = [LOST, welcome({ verdict: { is: 'known', last: 0 }, frameBytes: 5 }), LIVE, FLUSH]
    const { effects } = run(...UP, ...written('a'), FLUSH, ...lowered, receipt(1))
    expect(settledOf(effects)).toMatchObject([['a', { is: 'confirmed' }]])
  })

  it('owes an answer from the first unanswered write, or from the last answer [R10]', () => {
    const sent = run(...UP, ...written('a', 'b'), { type: 'flush', fresh: 'f1', at: 7 }).state
    expect(outboxWaitsSince(sent)).toBe(7)
    expect(outboxWaitsSince(outboxStep(sent, receipt(1)).state)).toBe(50)
    expect(outboxWaitsSince(outboxStep(sent, LOST).state)).toBeNull()
  })
})

describe('receipts', () => {
  it('settle a write once', () => {
    const { all } = run(...UP, ...written('a'), FLUSH, receipt(1), receipt(1))
    expect(settledOf(all)).toEqual([['a', { is: 'confirmed', result: undefined }]])
  })

  it('of another client id change nothing', () => {
    const { state } = run(...UP, ...written('a'), FLUSH)
    expect(outboxStep(state, receipt(1, undefined, 'c0')).state).toBe(state)
  })

  it('of a collection that is joining wait for the end of the join', () => {
    const held = run(...UP, joining('todos'), ...written('a'), FLUSH, receipt(1))
    expect(settledOf(held.effects)).toEqual([])
    expect(settledOf(outboxStep(held.state, joining('notes')).effects)).toMatchObject([
      ['a', { is: 'confirmed' }],
    ])
  })

  it('that reject, or answer a command, wait for no join', () => {
    const rejected: Outcome = { is: 'rejected', code: 'denied', message: '' }
    const { all } = run(
      ...UP,
      joining('todos'),
      ...written('a'),
      enqueued([calling('b')]),
      stored('b'),
      FLUSH,
      receipt(1, rejected),
      receipt(2),
    )
    expect(settledOf(all)).toMatchObject([
      ['a', { is: 'rejected', code: 'denied' }],
      ['b', { is: 'confirmed' }],
    ])
  })

  it('are acknowledged once, when how the write ended is kept, and only when the server keeps something', () => {
    const rejected: Outcome = { is: 'rejected', code: 'denied', message: '' }
    const kept: OutboxEvent = { type: 'forgotten', numbers: [{ cid: 'c1', n: 1 }] }
    const plain = run(...UP, ...written('a'), FLUSH, receipt(1), kept, FLUSH)
    expect(sentTypes(plain.all)).toEqual(['open', 'push'])
    const heard = run(...UP, ...written('a', 'b'), FLUSH, receipt(1, rejected), FLUSH)
    expect(sentTypes(heard.all)).toEqual(['open', 'push'])
    const { all } = runFrom(heard, kept, FLUSH, FLUSH)
    expect(framesOf(all).slice(2)).toEqual([{ type: 'seen', cids: [{ cid: 'c1', seen: 1 }] }])
  })
})

describe('a new connection', () => {
  const sent = [...UP, ...written('a', 'b'), FLUSH]
  const reconnected = (says: WelcomeSays, ...before: OutboxEvent[]) => {
    const resumed = run(...sent, ...before, ...again(says))
    return { ...resumed, next: outboxStep(resumed.state, FLUSH).effects }
  }

  it('settles what the server knows as committed, and sends the rest again under its number, marked', () => {
    const { effects, next } = reconnected({ verdict: { is: 'known', last: 1 } })
    expect(settledOf(effects)).toEqual([['a', { is: 'confirmed', result: undefined }]])
    expect(numbersOf(next)).toEqual([['c1 2 again']])
  })

  it('takes the outcomes of the pass before it takes the rest for committed', () => {
    const rejected: Outcome = { is: 'rejected', code: 'denied', message: '' }
    const { all } = run(
      ...sent,
      LOST,
      welcome({ verdict: { is: 'known', last: 2 } }),
      receipt(1, rejected),
      LIVE,
    )
    expect(settledOf(all)).toMatchObject([
      ['a', { is: 'rejected' }],
      ['b', { is: 'confirmed' }],
    ])
  })

  it('sends nothing before the pass has been applied', () => {
    const resuming = run(...sent, LOST, welcome({ verdict: { is: 'known', last: 0 } }), FLUSH)
    expect(resuming.effects).toEqual([])
  })

  it('sends a write that never left without a mark', () => {
    const { effects } = run(
      ...UP,
      LOST,
      ...written('a'),
      ...again({ verdict: { is: 'unknown', last: 0 } }),
      FLUSH,
    )
    expect(numbersOf(effects)).toEqual([['c1 1']])
  })

  it('sends the first writes again under their numbers when they never arrived', () => {
    const { effects, next } = reconnected({ verdict: { is: 'unknown', last: 0 } })
    expect(settledOf(effects)).toEqual([])
    expect(numbersOf(next)).toEqual([['c1 1 again', 'c1 2 again']])
  })

  it('keeps the numbers of the rest when the server lost what came before, which is skipped [C13]', () => {
    const { next } = reconnected({ verdict: { is: 'unknown', last: 0 } }, receipt(1))
    expect(numbersOf(next)).toEqual([['c1 1 skip', 'c1 2 again']])
  })

  it('knows nothing of what may have run when the server may have forgotten the client id by age [C8]', () => {
    const { effects, next } = reconnected({ verdict: { is: 'unknown', last: 0 }, now: 80 * DAY_MS })
    expect(settledOf(effects)).toMatchObject([
      ['a', { is: 'unknown', code: 'outcome-unknown' }],
      ['b', { is: 'unknown', code: 'outcome-unknown' }],
    ])
    expect(pushesOf(next)).toEqual([])
  })

  it('counts that age from when a socket last carried the write', () => {
    const unknown = { is: 'unknown', last: 0 } as const
    const resent = [...again({ verdict: unknown, now: 79 * DAY_MS }), { ...FLUSH, at: 79 * DAY_MS }]
    const { effects } = run(...sent, ...resent, ...again({ verdict: unknown, now: 158 * DAY_MS }), FLUSH)
    expect(numbersOf(effects)).toEqual([['c1 1 again', 'c1 2 again']])
  })

  it('to another history drops what it covers and sends the rest under its numbers [C13, R20]', () => {
    const { effects, next } = reconnected({ verdict: { is: 'known', last: 1 }, reset: 'lineage' })
    expect(settledOf(effects)).toMatchObject([['a', { is: 'confirmed' }]])
    expect(sentTypes(effects)).toEqual([])
    expect(numbersOf(next)).toEqual([['c1 2 again']])
  })

  it.each(['retired', 'foreign'] as const)(
    'that says %s leaves unknown what may have run, and moves the rest to a new client id [C8]',
    (is) => {
      const says = { verdict: { is, last: 0 } }
      const { all, state } = run(...sent, LOST, ...written('c'), ...again(says), FLUSH)
      expect(settledOf(all)).toMatchObject([
        ['a', { is: 'unknown' }],
        ['b', { is: 'unknown' }],
      ])
      expect(state.entries).toMatchObject([{ id: 'c', number: { cid: 'f1', n: 1 } }])
    },
  )
})

describe('a refused push', () => {
  const sent = [...UP, ...written('a', 'b', 'c'), FLUSH]
  const then = (event: OutboxEvent) => {
    const step = run(...sent, event)
    return { ...step, next: outboxStep(step.state, FLUSH).effects }
  }

  it('with a gap is sent again from the expected number, unmarked: nothing ran', () => {
    expect(numbersOf(then(refused('gap', 3, 2)).next)).toEqual([['c1 2', 'c1 3']])
  })

  it('with a gap that the numbers cannot fill asks with a new hello what the server knows', () => {
    const { effects } = run(...sent, receipt(1), refused('gap', 2, 1))
    expect(effects).toMatchObject([{ type: 'redial', code: CloseCode.silence }])
    expect(typesOf(then(refused('gap', 3, 4)).effects)).toEqual(['redial'])
  })

  it('of an undeclared client id is declared and sent again', () => {
    const { effects, next } = then(refused('cid-undeclared', 1))
    expect(effects[0]).toEqual({ type: 'send', frame: { type: 'open', cids: [{ cid: 'c1', seen: 0 }] } })
    expect(numbersOf(next)).toEqual([['c1 1', 'c1 2', 'c1 3']])
  })

  it.each(['cid-retired', 'cid-foreign'] as const)(
    'with %s goes out under a new client id, which is kept first',
    (code) => {
      const step = then(refused(code, 1))
      expect(settledOf(step.effects)).toEqual([])
      const moved = runFrom(step, FLUSH, FLUSH)
      expect(marksOf(moved.effects)).toEqual([['a f1 1', 'b f1 2', 'c f1 3']])
      expect(pushesOf(moved.effects)).toEqual([])
    },
  )

  it('with a spent client id leaves unknown what an earlier socket carried', () => {
    const resent = [...again({ verdict: { is: 'known', last: 0 } }), ...written('d'), FLUSH]
    const { effects } = run(...UP, ...written('a'), FLUSH, ...resent, refused('cid-retired', 1), FLUSH)
    expect(settledOf(effects)).toMatchObject([['a', { is: 'unknown', code: 'outcome-unknown' }]])
  })

  it('by a busy server says what it has seen, and waits', () => {
    const rejected: Outcome = { is: 'rejected', code: 'denied', message: '' }
    const kept: OutboxEvent = { type: 'forgotten', numbers: [{ cid: 'c1', n: 1 }] }
    const busy = run(...sent, receipt(1, rejected), kept, refused('busy', 2), refused('gap', 3, 2))
    expect(busy.all).toContainEqual({ type: 'send', frame: { type: 'seen', cids: [{ cid: 'c1', seen: 1 }] } })
    expect(busy.all).toContainEqual({ type: 'rest', ms: 1000 })
    const rested = outboxStep(busy.state, { type: 'rested' })
    expect(numbersOf(outboxStep(rested.state, FLUSH).effects)).toEqual([['c1 2', 'c1 3']])
  })
})

describe('closing', () => {
  it('says of each write whether it can have happened [C8]', () => {
    const { effects } = run(
      ...UP,
      ...written('a'),
      FLUSH,
      ...written('b'),
      enqueued(['c']),
      enqueued(['d']),
      CLOSED,
    )
    expect(settledOf(effects)).toMatchObject([
      ['a', { is: 'unknown', code: 'client-closed' }],
      ...['b', 'c', 'd'].map((id) => [id, { is: 'unsent', code: 'client-closed-unsent' }]),
    ])
    expect(typesOf(effects)).not.toContain('settle')
  })

  it('retires a client id that is drained, and only then', () => {
    expect(sentTypes(run(...UP, ...written('a'), FLUSH, receipt(1), CLOSED).effects)).toEqual(['retire'])
    expect(sentTypes(run(...UP, ...written('a'), FLUSH, CLOSED).effects)).toEqual([])
    expect(sentTypes(run(...UP, CLOSED).effects)).toEqual([])
    const drained = [...UP, ...written('a'), FLUSH, receipt(1), LOST]
    const resuming = welcome({ verdict: { is: 'known', last: 1 } })
    expect(sentTypes(run(...drained, CLOSED).effects)).toEqual([])
    expect(sentTypes(run(...drained, resuming, CLOSED).effects)).toEqual([])
  })

  it('confirms what was only waiting for a join', () => {
    const { effects } = run(...UP, joining('todos'), ...written('a'), FLUSH, receipt(1), CLOSED)
    expect(settledOf(effects)).toMatchObject([['a', { is: 'confirmed' }]])
  })
})

import { describe, expect, it } from 'vitest'
import { CloseCode, type SubscriptionVerdict } from '../wire/index.ts'
import type { StreamEffect, StreamEvent } from './stream-event.ts'
import { joiningCollections, type StreamPhase, type StreamState } from './stream-state.ts'
import {
  at,
  changes,
  changesFrame,
  GREETED,
  JOINED_AT_1,
  joined,
  joinedWindow,
  LIVE_AT_1,
  LIVE_AT_1_FROM_1,
  LOST,
  measured,
  mounted,
  pageAnswer,
  phaseOf,
  resume1,
  run,
  shownStep,
  todos,
  typesOf,
  welcome,
  window,
} from './testing/stream-script.ts'

/** A window of the first two rows by votes, which holds one: it asks for page 1. */
const SHORT_WINDOW: readonly StreamEvent[] = [window(5, 2), joinedWindow(4, at(1), [5, 'e']), measured(5, 1)]

describe('the table of the stream', () => {
  const refusal = { type: 'refused', re: 'join', join: 1, code: 'read-denied', message: '' } as const
  const events: { readonly [T in StreamEvent['type']]: StreamEvent } = {
    mounted: mounted(2, 'notes'),
    unmounted: { type: 'unmounted', sub: 1 },
    greeted: GREETED,
    welcome: welcome([resume1]),
    changes: changes(changesFrame(at(1), at(2), { live: true })),
    chunk: { type: 'chunk', frame: { type: 'chunk', join: 2, cols: ['id'], up: [['b']], del: [] }, at: 0 },
    next: {
      type: 'next',
      frame: { type: 'next', join: 2, p0: at(1), read: at(1), shape: 's', after: 'b' },
      at: 0,
    },
    joined: joined(2, at(1)),
    restart: { type: 'restart', frame: { type: 'restart', sub: 1, reason: 'shape' }, at: 0 },
    refused: { type: 'refused', frame: { ...refusal, join: 2 }, at: 0 },
    retry: { type: 'retry', sub: 4, at: 0 },
    resized: { type: 'resized', sub: 5, limit: 9, at: 0 },
    measured: { type: 'measured', sub: 5, measure: { held: 2, cut: [7, 'g'] }, at: 0 },
    page: pageAnswer(1, [9, 'i']),
    lost: LOST,
    closed: { type: 'closed' },
  }
  // Subscription 1 is joined; 3 is joining with number 2 on a live socket and waits otherwise; the server failed at 4. The window 5 is
  // joined, and on a live socket it has asked for page 1.
  const failed = { type: 'refused', re: 'subscription', sub: 4, code: 'internal', message: '' } as const
  const fail: StreamEvent = { type: 'refused', frame: failed, at: 0 }
  const live = run(...JOINED_AT_1, mounted(3, 'notes'), mounted(4, 'tags'), fail, ...SHORT_WINDOW).state
  const down = shownStep(live, LOST).state
  const greeting = shownStep(down, GREETED).state
  const resuming = shownStep(shownStep(greeting, welcome([resume1])).state, fail).state
  const closed = shownStep(live, { type: 'closed' }).state
  const states: { readonly [P in StreamPhase]: StreamState } = { down, greeting, resuming, live, closed }

  type Expected = readonly [phase: StreamPhase | 'same', ...effects: StreamEffect['type'][]]
  const table: { readonly [P in StreamPhase]: { readonly [T in StreamEvent['type']]: Expected } } = {
    down: {
      mounted: ['down'],
      unmounted: ['down'],
      greeted: ['greeting'],
      welcome: ['same'],
      changes: ['same'],
      chunk: ['same'],
      next: ['same'],
      joined: ['same'],
      restart: ['same'],
      refused: ['same'],
      retry: ['same'],
      resized: ['down'],
      measured: ['down'],
      page: ['same'],
      lost: ['same'],
      closed: ['closed', 'refuse', 'refuse'],
    },
    greeting: {
      mounted: ['greeting'],
      unmounted: ['greeting'],
      greeted: ['greeting'],
      welcome: ['resuming'],
      changes: ['same'],
      chunk: ['same'],
      next: ['same'],
      joined: ['same'],
      restart: ['same'],
      refused: ['same'],
      retry: ['same'],
      resized: ['greeting'],
      measured: ['greeting'],
      page: ['same'],
      lost: ['down'],
      closed: ['closed', 'refuse', 'refuse'],
    },
    resuming: {
      mounted: ['resuming'],
      unmounted: ['resuming'],
      greeted: ['greeting'],
      welcome: ['same'],
      changes: ['live', 'live', 'send', 'send'],
      chunk: ['same'],
      next: ['same'],
      joined: ['same'],
      restart: ['resuming'],
      refused: ['same'],
      retry: ['resuming'],
      resized: ['resuming'],
      measured: ['same'],
      page: ['same'],
      lost: ['down'],
      closed: ['closed', 'refuse', 'refuse'],
    },
    live: {
      mounted: ['live', 'send'],
      unmounted: ['live', 'send'],
      greeted: ['greeting'],
      welcome: ['same'],
      changes: ['live'],
      chunk: ['live'],
      next: ['live', 'send'],
      joined: ['live', 'apply', 'ready'],
      restart: ['live', 'send'],
      refused: ['live', 'refuse'],
      retry: ['live', 'send'],
      resized: ['live'],
      measured: ['live', 'send'],
      page: ['live', 'apply'],
      lost: ['down'],
      closed: ['closed', 'refuse', 'refuse'],
    },
    closed: {
      mounted: ['closed', 'refuse'],
      unmounted: ['closed'],
      greeted: ['same'],
      welcome: ['same'],
      changes: ['same'],
      chunk: ['same'],
      next: ['same'],
      joined: ['same'],
      restart: ['same'],
      refused: ['same'],
      retry: ['same'],
      resized: ['closed'],
      measured: ['same'],
      page: ['same'],
      lost: ['same'],
      closed: ['same'],
    },
  }

  const cells = Object.entries(table).flatMap(([phase, row]) =>
    Object.entries(row).map(([type, expected]) => ({ phase, type, expected })),
  )
  it.each(cells)(
    'answers `$type` in `$phase` with $expected',
    ({ phase, type, expected: [next, ...effects] }) => {
      const before = states[phase as StreamPhase]
      const step = shownStep(before, events[type as StreamEvent['type']])
      expect(typesOf(step.effects)).toEqual(effects)
      if (next === 'same') expect(step.state).toBe(before)
      else expect(step.state.phase).toBe(next)
    },
  )
})

describe('joining', () => {
  it('asks with a join of its own as soon as the stream is live', () => {
    const { state, effects } = run(mounted(1), GREETED, welcome(), LIVE_AT_1)
    expect(effects).toContainEqual({
      type: 'send',
      frame: { type: 'join', sub: 1, join: 1, collection: 'todos' },
    })
    expect(effects[0]).toEqual({ type: 'live' })
    expect(phaseOf(state, 1)).toBe('joining')
  })

  it('stages chunks and shows them all at once, when the join ends', () => {
    const chunk = (...ids: string[]): StreamEvent => ({
      type: 'chunk',
      frame: { type: 'chunk', join: 1, cols: ['id'], up: ids.map((id) => [id]), del: [] },
      at: 0,
    })
    const before = run(mounted(1), GREETED, welcome(), LIVE_AT_1, chunk('a'), chunk('b'))
    expect(before.effects).toEqual([])
    const { effects } = shownStep(before.state, joined(1, at(1)))
    expect(effects[0]).toMatchObject({
      type: 'apply',
      commits: [{ sub: 1, commit: { as: 'replace', blocks: [{ up: [['a']] }, { up: [['b']] }] } }],
    })
  })

  it('ignores chunks and the end of a join that was restarted', () => {
    const restart: StreamEvent = {
      type: 'restart',
      frame: { type: 'restart', sub: 1, reason: 'lineage' },
      at: 0,
    }
    const { state, effects } = run(mounted(1), GREETED, welcome(), LIVE_AT_1, restart, joined(1, at(1)))
    expect(effects).toEqual([])
    expect(phaseOf(state, 1)).toBe('joining')
    expect(typesOf(shownStep(state, joined(2, at(1))).effects)).toEqual(['apply', 'ready'])
  })

  it('gets no live changes', () => {
    const live = changes(changesFrame(at(1), at(2), { tables: todos('x') }))
    const { state, effects } = run(mounted(1), GREETED, welcome(), LIVE_AT_1, live)
    expect(effects).toEqual([])
    expect(state.position).toBe(at(2))
  })

  it('is a gap when it ends anywhere but at the position', () => {
    const { state, effects } = run(mounted(1), GREETED, welcome(), LIVE_AT_1, joined(1, at(2)))
    expect(effects).toMatchObject([{ type: 'redial', code: CloseCode.gap }])
    expect(phaseOf(state, 1)).toBe('waiting')
  })

  it('never moves the position', () => {
    expect(run(...JOINED_AT_1).state.position).toBe(at(1))
  })

  it('starts over when the socket is lost, while what has joined keeps the position', () => {
    const { state } = run(...JOINED_AT_1, mounted(2, 'notes'), LOST)
    expect([phaseOf(state, 1), phaseOf(state, 2), state.position]).toEqual(['joined', 'waiting', at(1)])
  })

  it('is asked again, afresh, when its position became invalid', () => {
    const refused = { type: 'refused', re: 'join', join: 1, code: 'position-invalid', message: '' } as const
    const { effects } = run(mounted(1), GREETED, welcome(), LIVE_AT_1, {
      type: 'refused',
      frame: refused,
      at: 0,
    })
    expect(effects).toEqual([{ type: 'send', frame: { type: 'join', sub: 1, join: 2, collection: 'todos' } }])
  })
})

describe('a pass', () => {
  it('is applied whole at its last frame, for all collections at once, receipts after rows', () => {
    const receipt = { cid: 'c', n: 1, outcome: { is: 'committed' } } as const
    const first = changes(changesFrame(at(1), at(3), { more: true, tables: todos('a') }))
    const staged = run(...JOINED_AT_1, first)
    expect(staged.effects).toEqual([])
    expect(staged.state.position).toBe(at(1))
    const last = changesFrame(at(1), at(3), { tables: todos('b'), settled: [receipt] })
    const { state, effects } = shownStep(staged.state, changes(last))
    expect(effects).toMatchObject([
      {
        type: 'apply',
        commits: [{ sub: 1, commit: { as: 'merge', blocks: [{ up: [['a']] }, { up: [['b']] }] } }],
      },
      { type: 'receipts', receipts: [receipt] },
    ])
    expect(state.position).toBe(at(3))
  })

  it('is discarded when it is cut', () => {
    const cut = changes(changesFrame(at(1), at(2), { more: true, tables: todos('a') }))
    const { state, effects } = run(...JOINED_AT_1, cut, LOST, GREETED, welcome([resume1]))
    expect(state.pass).toEqual([])
    expect(effects).toEqual([])
    const step = shownStep(state, changes(changesFrame(at(1), at(4), { live: true, tables: todos('z') })))
    expect(step.effects[0]).toMatchObject({ commits: [{ commit: { blocks: [{ up: [['z']] }] } }] })
  })

  it('whose last frame was lost is not ended by the next pass', () => {
    const staged = changes(changesFrame(at(1), at(2), { more: true, tables: todos('a') }))
    const { state, effects } = run(...JOINED_AT_1, staged, changes(changesFrame(at(2), at(3))))
    expect(effects).toMatchObject([{ type: 'redial', code: CloseCode.gap }])
    expect(state.position).toBe(at(1))
  })

  it('that starts elsewhere is not applied', () => {
    const { state, effects } = run(
      ...JOINED_AT_1,
      changes(changesFrame(at(2), at(3), { tables: todos('a') })),
    )
    expect(effects).toMatchObject([{ type: 'redial', code: CloseCode.gap }])
    expect([state.phase, state.position]).toEqual(['down', at(1)])
  })

  it('that starts anew on a live socket is a gap', () => {
    const { effects } = run(...JOINED_AT_1, changes(changesFrame(null, at(3))))
    expect(typesOf(effects)).toEqual(['redial'])
  })

  it('starts everything over after the second gap within a minute', () => {
    const wrong = (time: number) => changes(changesFrame(at(7), at(8)), time)
    const back = [GREETED, welcome([resume1]), changes(changesFrame(at(1), at(1), { live: true }))]
    const soon = run(...JOINED_AT_1, wrong(1000), ...back, wrong(60_000), GREETED).state
    expect([soon.position, phaseOf(soon, 1)]).toEqual([null, 'waiting'])
    const later = run(...JOINED_AT_1, wrong(1000), ...back, wrong(61_000), GREETED).state
    expect([later.position, phaseOf(later, 1)]).toEqual([at(1), 'joined'])
  })
})

describe('a welcome', () => {
  it('with a reset takes every claim, and keeps the rows', () => {
    const { state } = run(...JOINED_AT_1, LOST, GREETED, welcome([{ id: 1, is: 'restart' }], 'lineage'))
    expect([state.position, phaseOf(state, 1)]).toEqual([null, 'waiting'])
    expect(state.subs.get(1)?.rows).not.toBeNull()
    const live = shownStep(state, changes(changesFrame(null, at(9), { live: true })))
    expect(live.state.position).toBe(at(9))
    expect(typesOf(live.effects)).toEqual(['live', 'send'])
  })

  it('restarts one subscription without touching the others', () => {
    const joins = [...JOINED_AT_1, mounted(2, 'notes'), joined(2, at(1)), LOST, GREETED]
    const { state } = run(...joins, welcome([resume1, { id: 2, is: 'restart', reason: 'shape' }]))
    expect([phaseOf(state, 1), phaseOf(state, 2), state.position]).toEqual(['joined', 'waiting', at(1)])
  })

  it('demotes a claim that it does not judge', () => {
    expect(phaseOf(run(...JOINED_AT_1, LOST, GREETED, welcome()).state, 1)).toBe('waiting')
  })

  it('refuses a subscription, once, and the next hello asks again', () => {
    const refused: SubscriptionVerdict = { id: 1, is: 'refused', code: 'read-denied', message: 'no' }
    const first = run(mounted(1), GREETED, welcome([refused]))
    expect(first.effects).toMatchObject([{ type: 'refuse', sub: 1, refusal: { code: 'read-denied' } }])
    expect(joiningCollections(first.state)).toEqual(new Set())
    const again = shownStep(shownStep(first.state, LOST).state, GREETED).state
    expect(phaseOf(again, 1)).toBe('waiting')
    expect(shownStep(again, welcome([refused])).effects).toEqual([])
  })

  it('that refuses rows which are shown tells so, once, and nothing of them goes', () => {
    const refused: SubscriptionVerdict = { id: 1, is: 'refused', code: 'unknown-column', message: 'no' }
    const { state, effects } = run(...JOINED_AT_1, LOST, GREETED, welcome([refused]))
    expect(effects).toMatchObject([{ type: 'refuse', sub: 1, rows: 'held' }])
    expect(phaseOf(state, 1)).toBe('refused')
    const again = shownStep(shownStep(state, LOST).state, GREETED).state
    expect(shownStep(again, welcome([refused])).effects).toEqual([])
  })

  it('that denies the reading of rows which are shown takes them away [I5]', () => {
    const refused: SubscriptionVerdict = { id: 1, is: 'refused', code: 'read-denied', message: 'no' }
    const { effects } = run(...JOINED_AT_1, LOST, GREETED, welcome([refused]))
    expect(effects).toMatchObject([
      { type: 'refuse', sub: 1, rows: 'held' },
      { type: 'apply', commits: [{ sub: 1, commit: { as: 'replace', blocks: [] } }] },
    ])
  })
})

describe('mounting and unmounting', () => {
  it('during the dialling leave exactly one subscription [G7]', () => {
    const events = [
      mounted(1),
      { type: 'unmounted', sub: 1 } as const,
      mounted(2),
      GREETED,
      welcome(),
      LIVE_AT_1,
    ]
    const { state, effects } = run(...events)
    expect([...state.subs.keys()]).toEqual([2])
    expect(effects.filter(({ type }) => type === 'send')).toHaveLength(1)
  })

  it('leave what the server was told of in hello as soon as sending is allowed', () => {
    const gone = { type: 'unmounted', sub: 1 } as const
    const { effects } = run(...JOINED_AT_1, LOST, GREETED, gone, welcome([resume1]), LIVE_AT_1_FROM_1)
    expect(effects).toEqual([{ type: 'live' }, { type: 'send', frame: { type: 'leave', sub: 1 } }])
  })

  it('claim no position when nothing has joined', () => {
    const { state } = run(...JOINED_AT_1, LOST, { type: 'unmounted', sub: 1 }, mounted(2), GREETED)
    expect(state.position).toBeNull()
  })
})

import { describe, expect, it } from 'vitest'
import type { OutboxEffect, OutboxEvent } from './outbox-event.ts'
import type { OutboxPhase, OutboxState } from './outbox-state.ts'
import { outboxStep } from './outbox-transitions.ts'
import {
  adopted,
  CLOSED,
  enqueued,
  FLUSH,
  joining,
  LIVE,
  LOST,
  markKept,
  other,
  receipt,
  refused,
  run,
  stored,
  typesOf,
  UP,
  unstored,
  welcome,
  written,
  writtenOffline,
} from './testing/outbox-script.ts'

describe('the table of the outbox', () => {
  const events: { readonly [T in OutboxEvent['type']]: OutboxEvent } = {
    enqueued: enqueued(['x']),
    stored: stored('c'),
    unstored: unstored('c9'),
    marked: markKept('b', 'c1 2'),
    unmarked: { type: 'unmarked', marks: [{ id: 'b', cid: 'c1', n: 2 }] },
    adopted: adopted(other('z', 'c2 1')),
    elsewhere: { type: 'elsewhere', results: [{ id: 'a', result: { is: 'confirmed', result: 1 } }] },
    absent: { type: 'absent', ids: ['a'], failed: [] },
    withdrawing: { type: 'withdrawing', id: 'b' },
    withdrawn: { type: 'withdrawn', id: 'b' },
    forgotten: { type: 'forgotten', numbers: [{ cid: 'c1', n: 1 }] },
    welcome: welcome({ verdict: { is: 'known', last: 0 } }),
    live: LIVE,
    receipts: receipt(1),
    joining: joining('notes'),
    refused: refused('gap', 1, 1),
    flush: FLUSH,
    rested: { type: 'rested' },
    lost: LOST,
    closed: CLOSED,
  }
  // `a` was sent once under number 1, the mark of `b` is being kept, `c` is being stored.
  const live = run(
    ...UP,
    ...written('a'),
    FLUSH,
    ...writtenOffline('b'),
    FLUSH,
    enqueued(['c'], 'offline'),
  ).state
  const down = outboxStep(live, LOST).state
  const resuming = outboxStep(down, welcome({ verdict: { is: 'known', last: 0 } })).state
  const resting = outboxStep(live, refused('busy', 1)).state
  const closed = outboxStep(live, CLOSED).state
  const states: { readonly [P in OutboxPhase]: OutboxState } = { down, resuming, live, resting, closed }

  type Expected = readonly [phase: OutboxPhase | 'same', ...effects: OutboxEffect['type'][]]
  type Row = { readonly [T in OutboxEvent['type']]: Expected }
  /** What is the same in every phase but the last. */
  const open = (phase: OutboxPhase) =>
    ({
      enqueued: [phase],
      stored: [phase],
      unstored: [phase, 'refuse'],
      marked: [phase],
      unmarked: [phase],
      adopted: [phase],
      elsewhere: [phase, 'settle'],
      absent: [phase, 'settle'],
      withdrawing: [phase],
      withdrawn: [phase, 'settle'],
      forgotten: [phase],
      welcome: ['resuming'],
      receipts: [phase, 'settle'],
      joining: [phase],
      closed: ['closed', 'refuse', 'refuse', 'refuse'],
    }) satisfies Partial<Row>
  const table: { readonly [P in OutboxPhase]: Row } = {
    down: {
      ...open('down'),
      live: ['same'],
      refused: ['same'],
      flush: ['same'],
      rested: ['same'],
      lost: ['same'],
    },
    resuming: {
      ...open('resuming'),
      live: ['live', 'flush-soon'],
      refused: ['same'],
      flush: ['same'],
      rested: ['same'],
      lost: ['down'],
    },
    live: {
      ...open('live'),
      stored: ['live', 'flush-soon'],
      marked: ['live', 'flush-soon'],
      unmarked: ['resting', 'rest'],
      adopted: ['live', 'flush-soon'],
      withdrawn: ['live', 'settle', 'flush-soon'],
      forgotten: ['live', 'flush-soon'],
      receipts: ['live', 'settle', 'flush-soon'],
      live: ['same'],
      refused: ['live', 'flush-soon'],
      flush: ['live'],
      rested: ['same'],
      lost: ['down'],
    },
    resting: {
      ...open('resting'),
      live: ['same'],
      refused: ['resting'],
      flush: ['same'],
      rested: ['live', 'flush-soon'],
      lost: ['down'],
    },
    closed: {
      enqueued: ['same', 'refuse'],
      stored: ['same'],
      unstored: ['same'],
      marked: ['same'],
      unmarked: ['same'],
      adopted: ['same'],
      elsewhere: ['same'],
      absent: ['same'],
      withdrawing: ['same'],
      withdrawn: ['same'],
      forgotten: ['same'],
      welcome: ['same'],
      live: ['same'],
      receipts: ['same'],
      joining: ['same'],
      refused: ['same'],
      flush: ['same'],
      rested: ['same'],
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
      const before = states[phase as OutboxPhase]
      const step = outboxStep(before, events[type as OutboxEvent['type']])
      expect(typesOf(step.effects)).toEqual(effects)
      if (next === 'same') expect(step.state).toBe(before)
      else expect(step.state.phase).toBe(next)
    },
  )
})

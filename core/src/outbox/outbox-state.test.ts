import { describe, expect, it } from 'vitest'
import type { OutboxEffect, OutboxEvent } from './outbox-event.ts'
import { type OutboxPhase, type OutboxState, outboxStep } from './outbox-state.ts'
import {
  CLOSED,
  enqueued,
  FLUSH,
  joining,
  LIVE,
  LOST,
  receipt,
  refused,
  run,
  stored,
  typesOf,
  UP,
  welcome,
  written,
} from './testing/outbox-script.ts'

describe('the table of the outbox', () => {
  const events: { readonly [T in OutboxEvent['type']]: OutboxEvent } = {
    enqueued: enqueued('x'),
    stored: stored('b'),
    unstored: { type: 'unstored', id: 'b', message: 'full' },
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
  // `a` was sent once under number 1, `b` is being stored.
  const live = run(...UP, ...written('a'), FLUSH, enqueued('b')).state
  const down = outboxStep(live, LOST).state
  const resuming = outboxStep(down, welcome({ verdict: { is: 'known', last: 0 } })).state
  const resting = outboxStep(live, refused('busy', 1)).state
  const closed = outboxStep(live, CLOSED).state
  const states: { readonly [P in OutboxPhase]: OutboxState } = { down, resuming, live, resting, closed }

  type Expected = readonly [phase: OutboxPhase | 'same', ...effects: OutboxEffect['type'][]]
  const table: { readonly [P in OutboxPhase]: { readonly [T in OutboxEvent['type']]: Expected } } = {
    down: {
      enqueued: ['down', 'store'],
      stored: ['down'],
      unstored: ['down', 'forget', 'settle'],
      welcome: ['resuming'],
      live: ['same'],
      receipts: ['down', 'forget', 'settle'],
      joining: ['down'],
      refused: ['same'],
      flush: ['same'],
      rested: ['same'],
      lost: ['same'],
      closed: ['closed', 'forget', 'settle', 'settle'],
    },
    resuming: {
      enqueued: ['resuming', 'store'],
      stored: ['resuming'],
      unstored: ['resuming', 'forget', 'settle'],
      welcome: ['resuming'],
      live: ['live', 'flush-soon'],
      receipts: ['resuming', 'forget', 'settle'],
      joining: ['resuming'],
      refused: ['same'],
      flush: ['same'],
      rested: ['same'],
      lost: ['down'],
      closed: ['closed', 'forget', 'settle', 'settle'],
    },
    live: {
      enqueued: ['live', 'store'],
      stored: ['live', 'flush-soon'],
      unstored: ['live', 'forget', 'settle'],
      welcome: ['resuming'],
      live: ['same'],
      receipts: ['live', 'forget', 'settle'],
      joining: ['live'],
      refused: ['live', 'flush-soon'],
      flush: ['live'],
      rested: ['same'],
      lost: ['down'],
      closed: ['closed', 'forget', 'settle', 'settle'],
    },
    resting: {
      enqueued: ['resting', 'store'],
      stored: ['resting'],
      unstored: ['resting', 'forget', 'settle'],
      welcome: ['resuming'],
      live: ['same'],
      receipts: ['resting', 'forget', 'settle'],
      joining: ['resting'],
      refused: ['resting'],
      flush: ['same'],
      rested: ['live', 'flush-soon'],
      lost: ['down'],
      closed: ['closed', 'forget', 'settle', 'settle'],
    },
    closed: {
      enqueued: ['same', 'settle'],
      stored: ['same'],
      unstored: ['same'],
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

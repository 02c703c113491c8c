import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ConnectionError, ProtocolError } from '../errors.ts'
import { sessionDeadlines } from './session-deadlines.ts'
import { initialSession, type SessionEvent, type SessionState } from './session-state.ts'
import { DEFAULT_TIMINGS } from './session-timings.ts'
import { stepSession } from './session-transitions.ts'
import { closed, unreachable, WELCOME } from './testing/session-fixture.ts'

type Draft = (socket: number) => SessionEvent

const plain: readonly SessionEvent['type'][] = [
  'want',
  'unwant',
  'kick',
  'lingered',
  'due',
  'timedOut',
  'stabilised',
  'overdue',
  'woke',
  'online',
  'offline',
  'park',
  'unpark',
]
const drafts: readonly Draft[] = [
  ...plain.map(
    (type): Draft =>
      () =>
        ({ type }) as SessionEvent,
  ),
  () => ({ type: 'resume', token: undefined }),
  () => ({ type: 'resume', token: 't' }),
  () => ({ type: 'redial', code: 4002, reason: '' }),
  (socket) => ({ type: 'opened', socket }),
  (socket) => ({ type: 'ended', socket, end: unreachable }),
  (socket) => ({ type: 'ended', socket, end: { is: 'logged-out' } }),
  ...[1006, 4400, 4401, 4403, 4409, 4429].map(
    (code): Draft =>
      (socket) => ({ type: 'ended', socket, end: closed(code) }),
  ),
  (socket) => ({ type: 'probed', socket, status: 401 }),
  (socket) => ({ type: 'probed', socket, status: undefined }),
  (socket) => ({ type: 'welcomed', socket, frame: WELCOME }),
  (socket) => ({ type: 'welcomed', socket, frame: { ...WELCOME, principal: 'another' } }),
  (socket) => ({ type: 'goodbye', socket, code: 4429, message: '', retryAfterMs: 1000 }),
  (socket) => ({ type: 'refused', socket, cause: new ConnectionError('busy', '') }),
  (socket) => ({ type: 'broken', socket, cause: new ProtocolError('frame-invalid', '') }),
  (socket) => ({ type: 'answered', socket }),
]

interface Walk {
  readonly draft: Draft
  readonly age: number
  readonly pass: number
  readonly random: number
  readonly network: 'online' | 'offline'
}
const walk: fc.Arbitrary<Walk[]> = fc.array(
  fc.record({
    // Twice: the events of a session that gets on are too rare by themselves.
    draft: fc.oneof(
      fc.constantFrom(...drafts),
      fc.constantFrom<Draft>(
        () => ({ type: 'want' }),
        (socket) => ({ type: 'opened', socket }),
        (socket) => ({ type: 'welcomed', socket, frame: WELCOME }),
      ),
    ),
    age: fc.constantFrom(0, 0, 0, 1),
    pass: fc.integer({ min: 0, max: 20_000 }),
    random: fc.double({ min: 0, max: 1, noNaN: true }),
    network: fc.constantFrom('online', 'offline'),
  }),
  { maxLength: 60 },
)

describe('the session machine, on any sequence of events', () => {
  test('has at most one socket, and ends each welcomed socket once', () => {
    fc.assert(
      fc.property(walk, (steps) => {
        let state: SessionState = initialSession(DEFAULT_TIMINGS)
        let now = 0
        let open: number | undefined
        let told: 'apart' | 'welcomed' = 'apart'
        for (const { draft, age, pass, random, network } of steps) {
          now += pass
          const event = draft(state.memory.socket - age)
          const step = stepSession(state, event, { now, random, network, timings: DEFAULT_TIMINGS })
          if (event.type === 'ended' && event.socket === open && step.state !== state) open = undefined
          for (const effect of step.effects) {
            if (effect.type === 'open') {
              expect(open).toBeUndefined()
              open = effect.socket
            }
            if (effect.type === 'closeSocket') {
              expect(effect.socket).toBe(open)
              open = undefined
            }
            if (effect.type === 'welcome')
              told = told === 'apart' ? 'welcomed' : expect.unreachable('welcomed twice')
            if (effect.type === 'lose')
              told = told === 'welcomed' ? 'apart' : expect.unreachable('lost twice')
          }
          state = step.state
          const socketful = state.is === 'dialling' || state.is === 'greeting' || state.is === 'live'
          expect(open).toBe(socketful ? state.memory.socket : undefined)
          expect(told).toBe(state.is === 'live' ? 'welcomed' : 'apart')
        }
      }),
      { numRuns: 500 },
    )
  })

  test('always has a deadline that leads on, wherever it does not wait for somebody to act', () => {
    const resting = ['idle', 'live', 'parked', 'needsAuth', 'failed', 'closed']
    fc.assert(
      fc.property(walk, (steps) => {
        let state: SessionState = initialSession(DEFAULT_TIMINGS)
        let now = 0
        for (const { draft, pass, random, network } of steps) {
          now += pass
          state = stepSession(state, draft(state.memory.socket), {
            now,
            random,
            network,
            timings: DEFAULT_TIMINGS,
          }).state
          if (resting.includes(state.is)) continue
          const leading = sessionDeadlines(state).find(({ event }) => event === 'due' || event === 'timedOut')
          expect(leading).toBeDefined()
          const later = {
            now: leading?.at ?? 0,
            random: 0.5,
            network: 'online',
            timings: DEFAULT_TIMINGS,
          } as const
          expect(stepSession(state, { type: leading?.event ?? 'due' }, later).state.is).not.toBe(state.is)
        }
      }),
      { numRuns: 300 },
    )
  })

  test('makes something of every deadline, so that none falls due again and again', () => {
    fc.assert(
      fc.property(walk, (steps) => {
        let state: SessionState = initialSession(DEFAULT_TIMINGS)
        let now = 0
        for (const { draft, pass, random, network } of steps) {
          now += pass
          const context = { now, random, network, timings: DEFAULT_TIMINGS }
          state = stepSession(state, draft(state.memory.socket), context).state
          for (const { event, at } of sessionDeadlines(state)) {
            const next = stepSession(state, { type: event }, { ...context, now: Math.max(now, at) }).state
            expect(sessionDeadlines(next)).not.toContainEqual(expect.objectContaining({ event, at }))
          }
        }
      }),
      { numRuns: 300 },
    )
  })

  test('keeps the same state object for events of any other socket', () => {
    fc.assert(
      fc.property(walk, (steps) => {
        let state: SessionState = initialSession(DEFAULT_TIMINGS)
        let now = 0
        for (const { draft, pass, random, network } of steps) {
          now += pass
          const context = { now, random, network, timings: DEFAULT_TIMINGS }
          for (const other of drafts) {
            for (const age of [1, -1]) {
              const event = other(state.memory.socket - age)
              if ('socket' in event)
                expect(stepSession(state, event, context)).toEqual({ state, effects: [] })
            }
          }
          state = stepSession(state, draft(state.memory.socket), context).state
        }
      }),
      { numRuns: 50 },
    )
  })

  test('never leaves closed', () => {
    const { state } = stepSession(
      initialSession(DEFAULT_TIMINGS),
      { type: 'close' },
      {
        now: 0,
        random: 0,
        network: 'online',
        timings: DEFAULT_TIMINGS,
      },
    )
    for (const draft of drafts) {
      const step = stepSession(state, draft(0), {
        now: 1,
        random: 0,
        network: 'online',
        timings: DEFAULT_TIMINGS,
      })
      expect(step).toEqual({ state, effects: [] })
    }
  })
})

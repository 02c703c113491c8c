import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { leadershipDeadlines } from './leadership-deadlines.ts'
import {
  INITIAL_LEADERSHIP,
  type LeadershipEffect,
  type LeadershipEvent,
  type LeadershipState,
  type StepContext,
} from './leadership-state.ts'
import { stepLeadership } from './leadership-transitions.ts'
import { DEFAULT_TAB_TIMINGS } from './tab-timings.ts'

type Draft = (request: number) => LeadershipEvent

const plain = [
  'start',
  'silent',
  'stealDue',
  'beatDue',
  'overstay',
  'heard',
  'outranked',
  'invited',
  'heirShown',
  'shown',
  'hid',
  'froze',
  'thawed',
  'left',
  'returned',
] as const
const lasting: readonly Draft[] = [
  ...plain.map(
    (type): Draft =>
      () => ({ type }),
  ),
  (request) => ({ type: 'granted', request }),
  (request) => ({ type: 'lost', request }),
]
const ending: readonly Draft[] = [
  () => ({ type: 'stop' }),
  () => ({ type: 'forgo' }),
  (request) => ({ type: 'failed', request }),
]

interface Pace {
  readonly draft: Draft
  readonly age: number
  readonly context: StepContext
}
const walk: fc.Arbitrary<Pace[]> = fc.array(
  fc.record({
    // Walks that end early see little.
    draft: fc.oneof({ weight: 12, arbitrary: fc.constantFrom(...lasting) }, fc.constantFrom(...ending)),
    age: fc.constantFrom(0, 0, 0, 0, 1),
    context: fc.record({
      now: fc.integer({ min: 0, max: 1_000_000 }),
      random: fc.double({ min: 0, max: 1, noNaN: true }),
      freshId: fc.constant('term'),
      page: fc.constantFrom('visible', 'hidden'),
      heir: fc.constantFrom(undefined, 'heir'),
      timings: fc.constant(DEFAULT_TAB_TIMINGS),
    }),
  }),
  { maxLength: 60 },
)

/** Every step of the walk from the start. */
function* steps(paces: readonly Pace[]) {
  let state = stepLeadership(INITIAL_LEADERSHIP, { type: 'start' }, CONTEXT).state
  for (const { draft, age, context } of paces) {
    const event = draft(state.request - age)
    const before = state
    const step = stepLeadership(state, event, context)
    state = step.state
    yield { before, event, context, state, effects: step.effects }
  }
}

const CONTEXT: StepContext = {
  now: 0,
  random: 0.5,
  freshId: 'term',
  page: 'visible',
  heir: undefined,
  timings: DEFAULT_TAB_TIMINGS,
}
const asks = ({ is }: LeadershipState) =>
  is === 'waiting' || is === 'insisting' || is === 'stealing' || is === 'leading'

describe('leadership, on any sequence of events', () => {
  test('never has two requests for the lock, and none where it has no use for one', () => {
    fc.assert(
      fc.property(walk, (paces) => {
        let open: number | undefined = 1
        for (const { before, event, state, effects } of steps(paces)) {
          const gone = event.type === 'lost' || event.type === 'failed'
          if (gone && event.request === before.request && state !== before) open = undefined
          for (const effect of effects) {
            if (effect.type === 'release') {
              expect(effect.request).toBe(open)
              open = undefined
            }
            if (effect.type === 'request') {
              expect(open).toBeUndefined()
              open = effect.request
            }
          }
          expect(open).toBe(asks(state) ? state.request : undefined)
        }
      }),
      { numRuns: 1000 },
    )
  })

  test('leads only from the grant of its own newest request until it lets go or loses it', () => {
    fc.assert(
      fc.property(walk, (paces) => {
        for (const { before, event, state, effects } of steps(paces)) {
          if (state.is === 'leading' && before.is !== 'leading')
            expect(event).toEqual({ type: 'granted', request: before.request })
          if (before.is === 'leading' && state.is !== 'leading' && event.type !== 'lost')
            expect(effects).toContainEqual({ type: 'release', request: before.request })
        }
      }),
      { numRuns: 1000 },
    )
  })

  test('speaks as leader only while it leads', () => {
    fc.assert(
      fc.property(walk, (paces) => {
        for (const { state, effects } of steps(paces)) {
          const speaks = effects.some(({ type }) => type === 'beat' || type === 'invite')
          if (speaks) expect(state.is).toBe('leading')
        }
      }),
      { numRuns: 500 },
    )
  })

  test('steals only when it was silent in a visible page, or was asked to', () => {
    fc.assert(
      fc.property(walk, (paces) => {
        for (const { before, event, context, effects } of steps(paces)) {
          const steals = effects.some((effect) => effect.type === 'request' && effect.how === 'steal')
          if (!steals) continue
          if (event.type === 'invited') expect(context.page).toBe('visible')
          else expect({ is: before.is, type: event.type }).toEqual({ is: 'insisting', type: 'stealDue' })
        }
      }),
      { numRuns: 1000 },
    )
  })

  test('makes something of every deadline, so that none falls due again and again', () => {
    fc.assert(
      fc.property(walk, (paces) => {
        for (const { state, context } of steps(paces)) {
          for (const { event, at } of leadershipDeadlines(state)) {
            for (const now of [at, at + 100_000]) {
              const next = stepLeadership(state, { type: event }, { ...context, now }).state
              expect(leadershipDeadlines(next)).not.toContainEqual({ event, at })
            }
          }
        }
      }),
      { numRuns: 500 },
    )
  })

  test('never leaves stopped, and is alone until then once it is', () => {
    fc.assert(
      fc.property(walk, (paces) => {
        for (const { before, state } of steps(paces)) {
          if (before.is === 'stopped') expect(state).toBe(before)
          if (before.is === 'alone') expect(['alone', 'stopped']).toContain(state.is)
        }
      }),
      { numRuns: 500 },
    )
  })

  test('keeps the same state object for what comes of any older request', () => {
    fc.assert(
      fc.property(walk, (paces) => {
        for (const { state, context } of steps(paces)) {
          for (const type of ['granted', 'lost', 'failed'] as const) {
            const step = stepLeadership(state, { type, request: state.request - 1 }, context)
            expect(step).toEqual({ state, effects: [] })
            expect(step.state).toBe(state)
          }
        }
      }),
      { numRuns: 200 },
    )
  })
})

describe('leadership', () => {
  const waiting: LeadershipState = { is: 'waiting', request: 1, silentAt: 12_000 }
  const at = (now: number, more: Partial<StepContext> = {}): StepContext => ({ ...CONTEXT, now, ...more })
  const types = (effects: readonly LeadershipEffect[]) => effects.map(({ type }) => type)

  test('asks anew after 12 s of silence, and steals 2 to 2.5 s later', () => {
    const insisting = stepLeadership(waiting, { type: 'silent' }, at(12_000))
    expect(types(insisting.effects)).toEqual(['release', 'request', 'forsake'])
    expect(leadershipDeadlines(insisting.state)).toEqual([{ event: 'stealDue', at: 14_250 }])
    const earliest = stepLeadership(waiting, { type: 'silent' }, at(12_000, { random: 0 })).state
    expect(leadershipDeadlines(earliest)).toEqual([{ event: 'stealDue', at: 14_000 }])
    const stealing = stepLeadership(insisting.state, { type: 'stealDue' }, at(14_250))
    expect(stealing.effects).toEqual([
      { type: 'release', request: 2 },
      { type: 'request', request: 3, how: 'steal' },
    ])
  })

  test('steals from no leader that is heard in the last moment', () => {
    const insisting: LeadershipState = { is: 'insisting', request: 2, stealAt: 14_000 }
    const heard = stepLeadership(insisting, { type: 'heard' }, at(13_999))
    expect(heard).toEqual({ state: { is: 'waiting', request: 2, silentAt: 25_999 }, effects: [] })
  })

  test('waits for one more heartbeat when its own timer was late: then everything slept', () => {
    const woken = stepLeadership(waiting, { type: 'silent' }, at(13_500))
    expect(woken).toEqual({ state: { is: 'waiting', request: 1, silentAt: 18_500 }, effects: [] })
    const insisting: LeadershipState = { is: 'insisting', request: 2, stealAt: 14_000 }
    expect(stepLeadership(insisting, { type: 'stealDue' }, at(60_000)).state.is).toBe('waiting')
  })

  test('does not suspect the leader while its page is hidden, and from then on counts anew', () => {
    const hidden = stepLeadership(waiting, { type: 'hid' }, at(11_000, { page: 'hidden' })).state
    expect(leadershipDeadlines(hidden)).toEqual([])
    const heard = stepLeadership(hidden, { type: 'heard' }, at(15_000, { page: 'hidden' })).state
    expect(leadershipDeadlines(heard)).toEqual([])
    const shown = stepLeadership(heard, { type: 'shown' }, at(40_000)).state
    expect(leadershipDeadlines(shown)).toEqual([{ event: 'silent', at: 52_000 }])
  })

  test('hands over after 30 s hidden, at once to the first that becomes visible later, and asks again if nobody came', () => {
    const leading = stepLeadership(waiting, { type: 'granted', request: 1 }, at(0)).state
    const hidden = stepLeadership(leading, { type: 'hid' }, at(1000, { page: 'hidden' })).state
    expect(leadershipDeadlines(hidden)).toContainEqual({ event: 'overstay', at: 31_000 })
    const early = stepLeadership(hidden, { type: 'heirShown' }, at(30_000, { page: 'hidden', heir: 'b' }))
    expect(early).toEqual({ state: hidden, effects: [] })
    const over = stepLeadership(hidden, { type: 'overstay' }, at(31_000, { page: 'hidden' }))
    expect(over.effects).toEqual([])
    const asked = stepLeadership(over.state, { type: 'heirShown' }, at(90_000, { page: 'hidden', heir: 'b' }))
    expect(asked.effects).toEqual([{ type: 'invite', tab: 'b' }])
    expect(leadershipDeadlines(asked.state)).toContainEqual({ event: 'overstay', at: 120_000 })
    const shown = stepLeadership(hidden, { type: 'shown' }, at(2000)).state
    expect(leadershipDeadlines(shown).map(({ event }) => event)).toEqual(['beatDue'])
  })
})

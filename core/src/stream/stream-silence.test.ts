import { describe, expect, it } from 'vitest'
import { streamWaitsSince } from './stream-state.ts'
import { streamStep } from './stream-transitions.ts'
import {
  at,
  changes,
  changesFrame,
  GREETED,
  JOINED_AT_1,
  joinedFrame,
  LIVE_AT_1,
  mounted,
  phaseOf,
  run,
  welcome,
  welcomeFrame,
} from './testing/stream-script.ts'

describe('waiting for the server', () => {
  it('counts from the last answer of the oldest join, and from the welcome while resuming [R10]', () => {
    const live = run(
      mounted(1),
      GREETED,
      welcome(),
      changes(changesFrame(null, at(1), { live: true }), 5),
    ).state
    expect(streamWaitsSince(live)).toBe(5)
    const frame = { type: 'chunk', join: 1, cols: [], up: [], del: [] } as const
    expect(streamWaitsSince(streamStep(live, { type: 'chunk', frame, at: 9 }).state)).toBe(9)
    expect(streamWaitsSince(run(...JOINED_AT_1).state)).toBeNull()
    const greeted = run(GREETED).state
    const resuming = streamStep(greeted, { type: 'welcome', frame: welcomeFrame(), at: 7 }).state
    expect(streamWaitsSince(resuming)).toBe(7)
  })

  it('takes the rows of one join for progress of the others: they share a slow link [R10]', () => {
    const frame = { type: 'chunk', join: 1, cols: [], up: [], del: [] } as const
    const two = run(mounted(1), mounted(2, 'notes'), GREETED, welcome(), LIVE_AT_1).state
    expect(streamWaitsSince(two)).toBe(0)
    const arriving = streamStep(two, { type: 'chunk', frame, at: 31_000 }).state
    expect(streamWaitsSince(arriving)).toBe(31_000)
    const ended = streamStep(arriving, { type: 'joined', frame: joinedFrame(1, at(1)), at: 32_000 }).state
    expect([phaseOf(ended, 2), streamWaitsSince(ended)]).toEqual(['joining', 32_000])
  })

  it('takes a pass in parts for progress of a join, and the writes of others for none [R10]', () => {
    const { state } = run(mounted(1), GREETED, welcome(), LIVE_AT_1)
    const busy = streamStep(state, changes(changesFrame(at(1), at(2)), 5)).state
    expect(streamWaitsSince(busy)).toBe(0)
    const part = streamStep(busy, changes(changesFrame(at(2), at(3), { more: true }), 7)).state
    expect(streamWaitsSince(part)).toBe(7)
    expect(streamWaitsSince(streamStep(part, changes(changesFrame(at(2), at(3)), 9)).state)).toBe(9)
  })
})

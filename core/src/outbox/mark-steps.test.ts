import { describe, expect, it } from 'vitest'
import type { OutboxEvent } from './outbox-event.ts'
import {
  again,
  enqueued,
  FLUSH,
  LOST,
  markKept,
  marksOf,
  numbersOf,
  run,
  runFrom,
  settledOf,
  stored,
  typesOf,
  UP,
  welcome,
  written,
  writtenOffline,
} from './testing/outbox-script.ts'

const RESTED: OutboxEvent = { type: 'rested' }
const notKept = (id: string, n: number): OutboxEvent => ({
  type: 'unmarked',
  marks: [{ id, cid: 'c1', n }],
})

describe('the mark "may have been sent"', () => {
  it('is kept before the write is sent, for all that are due at once [R7]', () => {
    const asked = run(...writtenOffline('a', 'b'), ...UP, FLUSH)
    expect(marksOf(asked.effects)).toEqual([['a c1 1', 'b c1 2']])
    expect(numbersOf(asked.all)).toEqual([])
    const both: OutboxEvent = {
      type: 'marked',
      marks: [
        { id: 'a', cid: 'c1', n: 1 },
        { id: 'b', cid: 'c1', n: 2 },
      ],
    }
    expect(numbersOf(runFrom(asked, both, FLUSH).effects)).toEqual([['c1 1', 'c1 2']])
  })

  it('is not written again for what was kept with it', () => {
    const { all } = run(...UP, ...written('a'), FLUSH)
    expect(marksOf(all)).toEqual([])
  })

  it('of an earlier write holds up those after it, so that the order holds', () => {
    const { all } = run(...writtenOffline('a'), ...UP, ...written('b'), FLUSH, FLUSH)
    expect(marksOf(all)).toEqual([['a c1 1']])
    expect(numbersOf(all)).toEqual([])
  })

  it('that could not be kept is tried again after a pause, and the write is neither lost nor sent', () => {
    const failed = run(...writtenOffline('a'), ...UP, FLUSH, notKept('a', 1))
    expect(typesOf(failed.effects)).toEqual(['rest'])
    expect(settledOf(failed.all)).toEqual([])
    const tried = runFrom(failed, RESTED, FLUSH)
    expect(marksOf(tried.effects)).toEqual([['a c1 1']])
    expect(numbersOf(tried.all)).toEqual([])
  })

  it('that could not be kept while the socket went is tried again on the next', () => {
    const { effects } = run(...writtenOffline('a'), ...UP, FLUSH, LOST, notKept('a', 1), ...UP, FLUSH)
    expect(marksOf(effects)).toEqual([['a c1 1']])
  })

  it('is not a send: a write whose socket went before is sent without a mark for the server', () => {
    const asked = run(...writtenOffline('a'), ...UP, FLUSH, LOST, markKept('a', 'c1 1'))
    const { effects } = runFrom(asked, ...again({ verdict: { is: 'unknown', last: 0 } }), FLUSH)
    expect(numbersOf(effects)).toEqual([['c1 1']])
  })

  it('under a number that the write has no longer counts for nothing', () => {
    const asked = run(...writtenOffline('a'), ...UP, FLUSH)
    const retired = runFrom(asked, LOST, welcome({ verdict: { is: 'retired', last: 0 } }), {
      type: 'live',
      at: 0,
    })
    const moved = runFrom(retired, FLUSH, FLUSH)
    expect(marksOf(moved.effects)).toEqual([['a f1 1']])
    expect(numbersOf(runFrom(moved, markKept('a', 'c1 1'), FLUSH).all)).toEqual([])
    expect(numbersOf(runFrom(moved, markKept('a', 'f1 1'), FLUSH).all)).toEqual([['f1 1']])
  })

  it('goes in with what is kept while the link is up, and not otherwise', () => {
    const { state } = run(enqueued(['a'], 'offline'), stored('a'), ...UP, enqueued(['b'], 'online'))
    expect(state.entries.map(({ id, mark }) => `${id} ${mark}`)).toEqual(['a none', 'b kept'])
  })
})

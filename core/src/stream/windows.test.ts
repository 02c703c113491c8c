import { describe, expect, it } from 'vitest'
import type { RefusalCode } from '../wire/index.ts'
import type { StreamEvent } from './stream-event.ts'
import { type StreamState, streamWaitsSince } from './stream-state.ts'
import {
  at,
  changes,
  changesFrame,
  GREETED,
  joinedWindow,
  LIVE_AT_1,
  LIVE_AT_1_FROM_1,
  LOST,
  measured,
  pageAnswer,
  phaseOf,
  run,
  shownStep,
  welcome,
  window,
} from './testing/stream-script.ts'
import { isLong, isShort, targetSize } from './window-size.ts'

/** A window of ten rows, joined with a boundary. */
const JOINED: readonly StreamEvent[] = [
  window(1, 10),
  GREETED,
  welcome(),
  LIVE_AT_1,
  joinedWindow(1, at(1), [9, 'i']),
]
const then = (state: StreamState, event: StreamEvent) => shownStep(state, event)
const windowOf = (state: StreamState) => {
  const phase = state.subs.get(1)?.phase
  return phase?.is === 'joined' ? phase.window : undefined
}
const refusedPage = (code: RefusalCode): StreamEvent => ({
  type: 'refused',
  frame: { type: 'refused', re: 'page', request: 1, code, message: '' },
  at: 0,
})
const PAGE_1 = { type: 'page', request: 1, sub: 1, after: [9, 'i'], limit: 5 }

describe('the size of a window', () => {
  it('has slack above what is wanted, and an end at twice of it', () => {
    for (let limit = 1; limit <= 200; limit++) {
      const target = targetSize(limit)
      expect(target).toBeGreaterThan(limit)
      expect(isLong(target, limit)).toBe(false)
      expect(isShort(target, limit)).toBe(false)
      // Even the smallest one is asked for again only after a row of the slack is gone, and before a wanted one is.
      expect(isShort(limit - 1, limit)).toBe(true)
      expect(isLong(Math.max(2 * limit, target) + 1, limit)).toBe(true)
    }
  })
})

describe('a window', () => {
  it('joins with more rows than are wanted, and asks for none before it was counted', () => {
    const { effects } = run(window(1, 10), GREETED, welcome(), LIVE_AT_1)
    expect(effects.at(-1)).toMatchObject({ frame: { type: 'join', window: { limit: 15 } } })
    const joined = run(...JOINED)
    expect(joined.effects.map(({ type }) => type)).toEqual(['apply', 'ready'])
    expect(joined.effects[0]).toMatchObject({
      commits: [{ commit: { window: { boundary: [9, 'i'], limit: 10 } } }],
    })
  })

  it('asks for one page when it is short, and for another only after its answer', () => {
    const short = run(...JOINED, measured(1, 10))
    expect(short.effects).toEqual([{ type: 'send', frame: PAGE_1 }])
    expect(then(short.state, measured(1, 8)).effects).toEqual([])
    const answered = then(short.state, pageAnswer(1, [12, 'l'], 'j', 'k', 'l'))
    expect(answered.effects).toMatchObject([
      { type: 'apply', commits: [{ commit: { as: 'merge', window: { boundary: [12, 'l'] } } }] },
    ])
    expect(then(answered.state, measured(1, 11)).effects).toMatchObject([
      { frame: { type: 'page', request: 2, after: [12, 'l'], limit: 4 } },
    ])
  })

  it('that holds every row of its filter asks for nothing', () => {
    const { state } = run(...JOINED, measured(1, 10))
    const all = then(state, pageAnswer(1, null)).state
    expect(then(all, measured(1, 3)).effects).toEqual([])
  })

  it('tells where it was cut, and takes no answer to a page behind that', () => {
    const { state } = run(...JOINED, measured(1, 10))
    const cut = then(state, measured(1, 15, [7, 'g']))
    expect(cut.effects).toEqual([{ type: 'send', frame: { type: 'narrow', sub: 1, boundary: [7, 'g'] } }])
    const late = then(cut.state, pageAnswer(1, [12, 'l'], 'j'))
    expect(late.state).toBe(cut.state)
    expect(late.effects).toEqual([])
    expect(windowOf(late.state)).toMatchObject({ boundary: [7, 'g'], held: 15 })
  })

  it('that was cut asks again for the page that was wanted in the meantime', () => {
    const { state } = run(...JOINED)
    const shrunk = then(state, { type: 'resized', sub: 1, limit: 5, at: 0 }).state
    const grown = then(shrunk, { type: 'resized', sub: 1, limit: 30, at: 0 })
    expect(grown.effects).toMatchObject([{ frame: { type: 'page', request: 1, after: [9, 'i'] } }])
    const cut = then(grown.state, measured(1, 8, [7, 'g']))
    expect(cut.effects).toMatchObject([
      { frame: { type: 'narrow', boundary: [7, 'g'] } },
      { frame: { type: 'page', request: 2, after: [7, 'g'], limit: 37 } },
    ])
  })

  it('that nobody wants any more is left, also when its page failed', () => {
    const { effects } = run(...JOINED, measured(1, 10), refusedPage('internal'), {
      type: 'unmounted',
      sub: 1,
    })
    expect(effects).toEqual([{ type: 'send', frame: { type: 'leave', sub: 1 } }])
  })

  it('grows by a page and shrinks by an empty commit when another size is wanted', () => {
    const { state } = run(...JOINED, measured(1, 15))
    const grown = then(state, { type: 'resized', sub: 1, limit: 30, at: 0 })
    expect(grown.effects).toMatchObject([{ frame: { type: 'page', after: [9, 'i'], limit: 30 } }])
    const shrunk = then(state, { type: 'resized', sub: 1, limit: 5, at: 0 })
    expect(shrunk.effects).toMatchObject([
      { type: 'apply', commits: [{ commit: { as: 'merge', blocks: [], window: { limit: 5 } } }] },
    ])
  })

  it('says in the next hello where it ends, and asks again for the page that was lost', () => {
    const { state } = run(...JOINED, measured(1, 10), LOST, GREETED)
    expect(windowOf(state)).toEqual({ boundary: [9, 'i'], held: 10, page: null })
    const back = then(then(state, welcome([{ id: 1, is: 'resume' }])).state, LIVE_AT_1_FROM_1)
    expect(back.effects).toMatchObject([
      { type: 'live' },
      { frame: { type: 'page', request: 2, after: [9, 'i'] } },
    ])
  })

  it('loses its end with its claim, and joins as a whole', () => {
    const { state } = run(...JOINED, measured(1, 15), LOST, GREETED, welcome([{ id: 1, is: 'restart' }]))
    expect(phaseOf(state, 1)).toBe('waiting')
    const back = then(state, changes(changesFrame(state.position, at(1), { live: true })))
    expect(back.effects.at(-1)).toMatchObject({ frame: { type: 'join', sub: 1 } })
  })

  it('joins anew when its page is refused, and later when the server failed', () => {
    const { state } = run(...JOINED, measured(1, 10))
    expect(then(state, refusedPage('unknown-subscription')).effects).toMatchObject([
      { frame: { type: 'join', sub: 1 } },
    ])
    const failed = then(state, refusedPage('internal'))
    expect(failed.effects).toEqual([{ type: 'retry-later', sub: 1, ms: 1000 }])
    expect(phaseOf(failed.state, 1)).toBe('refused')
  })

  it('is owed a page as others are owed a join', () => {
    const { state } = run(...JOINED, measured(1, 10))
    expect(streamWaitsSince(state)).toBe(0)
    expect(streamWaitsSince(then(state, pageAnswer(1, null)).state)).toBeNull()
    expect(streamWaitsSince(then(state, LOST).state)).toBeNull()
  })

  it('takes part in a pass with the boundary that it has', () => {
    const { state } = run(...JOINED, measured(1, 15))
    const tables = { board: { cols: ['id'], up: [['x']], del: [] } }
    const { effects } = then(state, changes(changesFrame(at(1), at(2), { tables })))
    expect(effects).toMatchObject([
      { commits: [{ commit: { at: at(2), window: { boundary: [9, 'i'], limit: 10 } } }] },
    ])
  })
})

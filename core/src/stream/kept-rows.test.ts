import { describe, expect, it } from 'vitest'
import type { Place, Position } from '../wire/index.ts'
import type { HeldFrom, StreamEvent } from './stream-event.ts'
import { joiningCollections } from './stream-state.ts'
import { streamStep } from './stream-transitions.ts'
import {
  at,
  changes,
  changesFrame,
  GREETED,
  JOINED_AT_1,
  joined,
  joinedFrame,
  joinedWindow,
  keptOf,
  LIVE_AT_1,
  LOST,
  measured,
  mounted,
  pageAnswer,
  phaseOf,
  resume1,
  runAll,
  todos,
  welcome,
  window,
} from './testing/stream-script.ts'

const heldAt = (position: Position, boundary?: Place | null): HeldFrom => ({
  since: { position, window: boundary === undefined ? null : { boundary, held: 15 } },
  rows: { shape: 's1', key: 'id', kinds: {} },
})
const liveFrom = (from: Position, to: Position): StreamEvent =>
  changes(changesFrame(from, to, { live: true }))
const joinsIn = (effects: ReturnType<typeof runAll>['effects']) =>
  effects.flatMap((effect) => (effect.type === 'send' && effect.frame.type === 'join' ? [effect.frame] : []))

describe('rows that were there before the socket', () => {
  it('are claimed by the hello at their position [R5]', () => {
    const { state } = runAll(mounted(1, 'todos', heldAt(at(5))), GREETED)
    expect(state.position).toBe(at(5))
    expect(phaseOf(state, 1)).toBe('joined')
  })

  it('that are elsewhere than most ask for what changed since, under the shape that they have [R5, R8]', () => {
    const { state, effects } = runAll(
      mounted(1, 'todos', heldAt(at(5))),
      mounted(2, 'notes', heldAt(at(5))),
      mounted(3, 'tags', heldAt(at(3))),
      GREETED,
      welcome([resume1, { id: 2, is: 'resume' }, { id: 3, is: 'restart', reason: 'requested' }]),
      liveFrom(at(5), at(9)),
    )
    expect(state.position).toBe(at(9))
    expect(joinsIn(effects)).toEqual([
      { type: 'join', sub: 3, join: 1, collection: 'tags', since: at(3), shape: 's1' },
    ])
    expect(joiningCollections(state)).toEqual(new Set(['tags']))
  })

  it('never move up to the position of others [R5]', () => {
    const { state } = runAll(...JOINED_AT_1, LOST, mounted(2, 'notes', heldAt(at(9))), GREETED)
    expect(state.position).toBe(at(1))
    expect(phaseOf(state, 2)).toBe('waiting')
  })

  it('that come to a live stream ask at once', () => {
    const { effects } = runAll(...JOINED_AT_1, mounted(2, 'notes', heldAt(at(1))))
    expect(joinsIn(effects)).toMatchObject([{ sub: 2, since: at(1), shape: 's1' }])
  })

  it('are asked for again from where they were when the socket was lost before the answer', () => {
    const asked = runAll(...JOINED_AT_1, mounted(2, 'notes', heldAt(at(1))), LOST, GREETED)
    expect(phaseOf(asked.state, 2)).toBe('joined')
    const elsewhere = runAll(...JOINED_AT_1, mounted(2, 'notes', heldAt(at(0))), LOST, GREETED)
    const { effects } = [welcome([resume1]), liveFrom(at(1), at(2))].reduce<ReturnType<typeof runAll>>(
      (step, event) => streamStep(step.state, event),
      elsewhere,
    )
    expect(joinsIn(effects)).toMatchObject([{ sub: 2, since: at(0) }])
  })

  it.each([
    ['a reset', [welcome([], 'lineage'), changes(changesFrame(null, at(7), { live: true }))]],
    ['a restart', [welcome([{ id: 1, is: 'restart', reason: 'shape' }]), liveFrom(at(5), at(7))]],
  ])('are asked for whole after %s', (_, events) => {
    const { effects } = runAll(mounted(1, 'todos', heldAt(at(5))), GREETED, ...events)
    expect(joinsIn(effects)).toEqual([{ type: 'join', sub: 1, join: 1, collection: 'todos' }])
  })

  it('are asked for whole when the server does not know their position any more', () => {
    const refused: StreamEvent = {
      type: 'restart',
      frame: { type: 'restart', sub: 2, reason: 'pruned' },
      at: 0,
    }
    const { effects } = runAll(...JOINED_AT_1, mounted(2, 'notes', heldAt(at(0))), refused)
    expect(joinsIn(effects)).toEqual([{ type: 'join', sub: 2, join: 3, collection: 'notes' }])
  })

  it('of a window are claimed with where it ends, and otherwise asked for whole', () => {
    const held = { ...window(1, 10), held: heldAt(at(5), [9, 'i']) } as StreamEvent
    const claimed = runAll(held, GREETED).state.subs.get(1)?.phase
    expect(claimed).toEqual({ is: 'joined', window: { boundary: [9, 'i'], held: 15, page: null } })
    const late = runAll(...JOINED_AT_1, { ...held, sub: 2 } as StreamEvent)
    expect(joinsIn(late.effects)[0]).not.toHaveProperty('since')
  })
})

describe('rows that lie under others', () => {
  const held = { ...heldAt(at(5)), under: [{ cols: ['id'], up: [['old']], del: [] }] }

  it('are shown with the first pass over them, in the place of what was shown, also when it brings nothing [R6]', () => {
    const quiet = runAll(mounted(1, 'todos', held), GREETED, welcome([resume1]), liveFrom(at(5), at(5)))
    expect(quiet.effects[0]).toMatchObject({
      type: 'apply',
      commits: [{ sub: 1, commit: { as: 'replace', blocks: [{ up: [['old']] }] }, news: [] }],
    })
    const next = streamStep(quiet.state, changes(changesFrame(at(5), at(6), { tables: todos('a') })))
    expect(next.effects[0]).toMatchObject({
      commits: [{ commit: { as: 'merge', blocks: [{ up: [['a']] }] } }],
    })
  })

  it('are shown with the end of a join since their position, and not kept a second time', () => {
    const joinEnd = { ...joinedFrame(2, at(1)), replace: false }
    const { effects } = runAll(...JOINED_AT_1, mounted(2, 'notes', { ...held, since: heldAt(at(0)).since }), {
      ...joined(2, at(1)),
      frame: joinEnd,
    } as StreamEvent)
    expect(effects).toMatchObject([
      { type: 'apply', commits: [{ commit: { as: 'replace', blocks: [{ up: [['old']] }] } }] },
      { type: 'joined', since: at(0), news: [] },
    ])
  })

  it('are void when all rows come', () => {
    const { effects } = runAll(
      mounted(1, 'todos', held),
      GREETED,
      welcome([], 'lineage'),
      changes(changesFrame(null, at(7), { live: true })),
      joined(1, at(7)),
    )
    expect(effects[0]).toMatchObject({ commits: [{ commit: { as: 'replace', blocks: [] } }] })
  })
})

describe('whoever keeps rows', () => {
  it('hears of every pass, also of one that touched no row [R6]', () => {
    const { effects } = runAll(...JOINED_AT_1, changes(changesFrame(at(1), at(2))))
    expect(effects).toEqual([{ type: 'passed', from: at(1), to: at(2), commits: [] }])
    const touched = runAll(...JOINED_AT_1, changes(changesFrame(at(1), at(2), { tables: todos('a') })))
    expect(keptOf(touched.effects)).toMatchObject([
      { from: at(1), to: at(2), commits: [{ sub: 1, news: [{ up: [['a']] }] }] },
    ])
  })

  it('hears nothing of the first pass of a socket that claimed nothing', () => {
    expect(keptOf(runAll(mounted(1), GREETED, welcome(), LIVE_AT_1).effects)).toEqual([])
  })

  it('hears of a join with all its rows, or with what changed and since when', () => {
    expect(keptOf(runAll(...JOINED_AT_1).effects)).toMatchObject([{ type: 'joined', sub: 1, since: null }])
    const caughtUp = runAll(...JOINED_AT_1, mounted(2, 'notes', heldAt(at(0))), {
      ...joined(2, at(1)),
      frame: { ...joinedFrame(2, at(1)), replace: false },
    } as StreamEvent)
    expect(keptOf(caughtUp.effects)).toMatchObject([
      { type: 'joined', sub: 2, since: at(0), commit: { as: 'merge', at: at(1) } },
    ])
  })

  it('hears where a window ends after a page, and after a cut', () => {
    const wide = [window(1, 10), GREETED, welcome(), LIVE_AT_1, joinedWindow(1, at(1), [9, 'i'])]
    const paged = runAll(...wide, measured(1, 10), pageAnswer(1, [12, 'l'], 'j'))
    expect(keptOf(paged.effects)).toMatchObject([
      { type: 'extended', sub: 1, at: at(1), boundary: [12, 'l'], blocks: [{ up: [['j']] }] },
    ])
    expect(keptOf(runAll(...wide, measured(1, 15, [8, 'h'])).effects)).toEqual([
      { type: 'extended', sub: 1, at: at(1), boundary: [8, 'h'], blocks: [] },
    ])
  })
})

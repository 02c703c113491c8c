import { beforeAll, describe, expect, it } from 'vitest'
import type { RowCommit, WindowExtent } from '../stream/row-commit.ts'
import {
  type Block,
  type Cell,
  digestKey,
  type OrderTerm,
  type Position,
  type Predicate,
} from '../wire/index.ts'
import { FILTERS } from './filter-part.ts'
import { HeldPlaces } from './held-places.ts'
import { HeldRows } from './held-rows.ts'

type Row = readonly [id: string, lane: Cell, votes: Cell]

const block = (up: readonly Row[], del: readonly string[] = [], gone: readonly number[] = []): Block => ({
  cols: ['id', 'lane', 'votes'],
  up,
  del,
  gone,
})
const commit = (
  as: RowCommit['as'],
  blocks: readonly Block[],
  window: WindowExtent | null = null,
  at = '5.n.room',
): RowCommit => ({ blocks, key: 'id', kinds: {}, as, at: at as Position, window })
const lane = (value: string): Predicate => ({ op: 'eq', column: 'lane', value })
const BY_VOTES: readonly OrderTerm[] = [{ column: 'votes', descending: true, nulls: 'first', text: 'binary' }]
const outcome = ({ up, del }: ReturnType<HeldRows['apply']>) => ({ up: [...up.keys()], del: [...del] })

beforeAll(() => FILTERS.load())

describe('rows that are held', () => {
  it('are those that some subset matches; a row stays while one holds it [F2]', () => {
    const rows = new HeldRows()
    const [red, any] = [rows.add(lane('red')), rows.add()]
    const blocks = [
      block([
        ['a', 'red', 1],
        ['b', 'blue', 1],
      ]),
    ]
    const both = [red, any].map((subset) => ({ subset, commit: commit('replace', blocks) }))
    expect(outcome(rows.apply(both))).toEqual({ up: ['a', 'b'], del: [] })
    expect([red.size, any.size, rows.size]).toEqual([1, 2, 2])
    const moved = [block([['a', 'blue', 1]])]
    const merge = (subset: typeof red, given: readonly Block[]) => ({
      subset,
      commit: commit('merge', given),
    })
    expect(outcome(rows.apply([merge(red, moved), merge(any, moved)]))).toEqual({ up: ['a'], del: [] })
    expect([...red.keys()]).toEqual([])
    const deleted = [block([], ['a'])]
    expect(outcome(rows.apply([merge(red, deleted), merge(any, deleted)]))).toEqual({ up: [], del: ['a'] })
  })

  it('leave when their last subset is released, and not before [F3]', () => {
    const rows = new HeldRows()
    const [first, second] = [rows.add(), rows.add()]
    rows.apply([
      {
        subset: first,
        commit: commit('replace', [
          block([
            ['a', 'x', 1],
            ['b', 'x', 1],
          ]),
        ]),
      },
    ])
    rows.apply([{ subset: second, commit: commit('replace', [block([['b', 'x', 1]])]) }])
    expect(rows.release([first])).toEqual(['a'])
    expect(rows.release([second])).toEqual(['b'])
    expect(rows.size).toBe(0)
  })

  it('of another subset are not touched by a replaced set', () => {
    const rows = new HeldRows()
    const [red, blue] = [rows.add(lane('red')), rows.add(lane('blue'))]
    rows.apply([
      {
        subset: red,
        commit: commit('replace', [
          block([
            ['a', 'red', 1],
            ['b', 'red', 1],
          ]),
        ]),
      },
    ])
    rows.apply([{ subset: blue, commit: commit('replace', [block([['c', 'blue', 1]])]) }])
    const again = rows.apply([{ subset: red, commit: commit('replace', [block([['b', 'red', 2]])]) }])
    expect(outcome(again)).toEqual({ up: ['b'], del: ['a'] })
  })

  it('go when only the digests of their keys are told, also for keys that came after the first digest [R13]', () => {
    const rows = new HeldRows()
    const subset = rows.add()
    const gone = (salt: string, ...keys: string[]) => [
      block(
        [],
        [],
        keys.map((key) => digestKey(salt, key)),
      ),
    ]
    const merge = (blocks: readonly Block[], at?: string) =>
      outcome(rows.apply([{ subset, commit: commit('merge', blocks, null, at) }]))
    rows.apply([
      {
        subset,
        commit: commit('replace', [
          block([
            ['a', 'x', 1],
            ['b', 'x', 1],
            ['d', 'x', 1],
          ]),
        ]),
      },
    ])
    expect(merge(gone('.n.room', 'a', 'unknown'))).toEqual({ up: [], del: ['a'] })
    merge([block([['c', 'x', 1]])])
    expect(merge(gone('.n.room', 'c'))).toEqual({ up: [], del: ['c'] })
    // The same key under another salt is another number.
    expect(merge(gone('.n.room', 'b'), '9.other.room')).toEqual({ up: [], del: [] })
    expect(merge(gone('.other.room', 'b'), '9.other.room')).toEqual({ up: [], del: ['b'] })
    expect([...subset.keys()]).toEqual(['d'])
  })
})

describe('rows of a window', () => {
  const top = (...rows: readonly Row[]) => [block(rows)]
  const extent = (boundary: WindowExtent['boundary'], limit = 2): WindowExtent => ({ boundary, limit })

  it('are those up to its boundary, whatever else arrives', () => {
    const rows = new HeldRows()
    const subset = rows.add(undefined, new HeldPlaces(BY_VOTES))
    const apply = (as: RowCommit['as'], blocks: readonly Block[], window: WindowExtent) =>
      rows.apply([{ subset, commit: commit(as, blocks, window) }])
    apply('replace', top(['a', 'x', 9], ['b', 'x', 8], ['c', 'x', 8]), extent([8, 'c']))
    const { up, measures } = apply(
      'merge',
      top(['d', 'x', 8], ['0', 'x', 8], ['e', 'x', null]),
      extent([8, 'c'], 9),
    )
    expect([...up.keys()]).toEqual(['0', 'e'])
    expect(measures).toEqual([{ held: 5, cut: null }])
    // A row that falls behind the boundary leaves, although it still matches the filter.
    expect(outcome(apply('merge', top(['a', 'x', 1]), extent([8, 'c'], 9)))).toEqual({ up: [], del: ['a'] })
  })

  it('are cut at more than twice what is wanted; what came and went in one frame is never shown', () => {
    const rows = new HeldRows()
    const subset = rows.add(undefined, new HeldPlaces(BY_VOTES))
    rows.apply([{ subset, commit: commit('replace', top(['a', 'x', 5], ['b', 'x', 4]), extent(null)) }])
    const more = top(['c', 'x', 9], ['d', 'x', 8], ['e', 'x', 1], ['f', 'x', 7])
    const changes = rows.apply([{ subset, commit: commit('merge', more, extent(null)) }])
    expect(changes.measures).toEqual([{ held: 3, cut: [7, 'f'] }])
    expect(outcome(changes)).toEqual({ up: ['c', 'd', 'f'], del: ['a', 'b'] })
    expect([subset.covers(3), subset.covers(4)]).toEqual([true, false])
  })

  it('stay when another subset of the collection holds them', () => {
    const rows = new HeldRows()
    const [window, red] = [rows.add(undefined, new HeldPlaces(BY_VOTES)), rows.add(lane('red'))]
    const blocks = top(['a', 'red', 5], ['b', 'blue', 4])
    rows.apply([{ subset: red, commit: commit('replace', blocks) }])
    rows.apply([{ subset: window, commit: commit('replace', blocks, extent([4, 'b'])) }])
    const down = top(['a', 'red', 1])
    const parts = [
      { subset: window, commit: commit('merge', down, extent([4, 'b'])) },
      { subset: red, commit: commit('merge', down) },
    ]
    expect(outcome(rows.apply(parts))).toEqual({ up: ['a'], del: [] })
    expect([...window.keys()]).toEqual(['b'])
  })
})

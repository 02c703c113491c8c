import { type Cell, digestKey } from '@durable-sync/core/wire'
import { expect, test } from 'vitest'
import type { LivePredicate } from './live-subscription.ts'
import type { DirtyRow } from './row-reader.ts'
import type { MatchingSet } from './subscription-set.ts'
import { TableDelta } from './table-delta.ts'

/** A filter that counts how often it is asked. */
function counted(id: number, matches: (cells: readonly Cell[]) => boolean) {
  const asked: (readonly Cell[])[] = []
  const filter = {
    id,
    matches: (cells: readonly Cell[]) => {
      asked.push(cells)
      return matches(cells)
    },
  }
  const predicate = (end = Number.POSITIVE_INFINITY): LivePredicate => ({
    id: `${id} ${end}`,
    filter,
    isInside: ([, n]) => Number(n) <= end,
  })
  return { asked, predicate }
}

const setOf = (...predicates: LivePredicate[]): MatchingSet => ({
  table: 't',
  key: predicates.map(({ id }) => id).join(),
  predicates,
})

const ROWS: readonly DirtyRow[] = [
  { key: 'a', row: '["a",1]' },
  { key: 'b', row: '["b",2]' },
  { key: 'c', row: '["c",3]' },
  { key: 'gone', row: null },
]

function deltaOf(salt: string | null = null) {
  const failed: unknown[] = []
  const delta = new TableDelta({
    cols: '["id","n"]',
    rows: ROWS,
    salt,
    failed: (error) => failed.push(error),
  })
  const blocks = (set: MatchingSet) => delta.blocks(set).map((block) => JSON.parse(`{${block}}`))
  return { delta, blocks, failed }
}

const COLS = ['id', 'n']

test('rows of one of the set’s predicates go up, all others are removals', () => {
  const { blocks } = deltaOf()
  const odd = counted(1, ([, n]) => Number(n) % 2 === 1)
  const first = counted(2, ([id]) => id === 'a')
  expect(blocks(setOf(odd.predicate(), first.predicate()))).toEqual([
    {
      cols: COLS,
      up: [
        ['a', 1],
        ['c', 3],
      ],
      del: ['b', 'gone'],
    },
  ])
  expect(blocks(setOf())).toEqual([
    {
      cols: COLS,
      up: [
        ['a', 1],
        ['b', 2],
        ['c', 3],
      ],
      del: ['gone'],
    },
  ])
})

test('a filter is asked once about each row that is there, whatever sets and boundaries it occurs in', () => {
  const { delta, blocks } = deltaOf()
  const all = counted(1, () => true)
  const other = counted(2, ([, n]) => n === 3)
  for (const end of [0, 1, 2, 3]) blocks(setOf(all.predicate(end)))
  blocks(setOf(all.predicate(), other.predicate()))
  expect(blocks(setOf(all.predicate(1), other.predicate()))).toMatchObject([
    {
      up: [
        ['a', 1],
        ['c', 3],
      ],
    },
  ])
  expect(all.asked).toHaveLength(3)
  expect(other.asked).toHaveLength(3)
  expect(delta.matched).toBe(6)
})

test('the text of a set is made once', () => {
  const { delta } = deltaOf()
  const set = setOf(counted(1, () => true).predicate())
  expect(delta.blocks({ ...set })).toBe(delta.blocks({ ...set }))
})

test('under a salt removals do not name their keys', () => {
  const { blocks } = deltaOf('.era.object')
  const only = counted(1, ([id]) => id === 'b')
  const gone = ['a', 'c', 'gone'].map((key) => digestKey('.era.object', key))
  expect(blocks(setOf(only.predicate()))).toEqual([{ cols: COLS, up: [['b', 2]], del: [], gone }])
})

test('a boundary that throws ends nobody’s flush', () => {
  const { blocks, failed } = deltaOf()
  const all = counted(1, () => true)
  const broken: LivePredicate = {
    ...all.predicate(),
    id: 'broken',
    isInside: () => {
      throw new Error('broken')
    },
  }
  expect(blocks(setOf(broken, all.predicate(1)))).toMatchObject([{ up: [['a', 1]] }])
  expect(failed).toEqual([new Error('broken')])
})

test('a filter that throws is reported once, and the others of its set go on', () => {
  const { blocks, failed } = deltaOf()
  const broken = counted(1, () => {
    throw new Error('broken')
  })
  const good = counted(2, () => true)
  expect(blocks(setOf(broken.predicate(), good.predicate(1)))).toMatchObject([{ up: [['a', 1]] }])
  expect(blocks(setOf(broken.predicate()))).toMatchObject([{ up: [] }])
  expect(failed).toEqual([new Error('broken')])
})

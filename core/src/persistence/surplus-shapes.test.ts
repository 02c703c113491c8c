import { expect, test } from 'vitest'
import type { Position } from '../wire/index.ts'
import { type ShapeThread, started } from './shape-thread.ts'
import { SHAPES_PER_TABLE, surplus } from './surplus-shapes.ts'

const AT = '1.n.o' as Position

interface Shapes {
  readonly count: number
  readonly table?: string
  readonly onDemand?: boolean
}

/** Named `<table> <how long ago it was used>`: of several the one with the highest number is the oldest. */
const threads = (...many: Shapes[]): Map<string, ShapeThread> =>
  new Map(
    many.flatMap(({ count, table = 'todos', onDemand = false }) =>
      Array.from({ length: count }, (_, ago) => {
        const of = { generation: 1, table, onDemand, usedAt: 1000 - ago, segmentBytes: 0 }
        const key = `${table} ${onDemand ? 'on demand ' : ''}${ago}`
        return [key, started(of, AT, undefined)] as const
      }),
    ),
  )

const NONE: ReadonlySet<string> = new Set()

test.each([true, false])(
  'of the shapes of a table the least recently used go when there are too many (on demand: %s)',
  (onDemand) => {
    const most = { count: SHAPES_PER_TABLE, onDemand }
    expect(surplus(threads(most), NONE)).toEqual([])
    const more = [...threads({ count: SHAPES_PER_TABLE + 2, onDemand })]
    const oldest = more.slice(-2).map(([key]) => key)
    expect(surplus(new Map(more), NONE)).toEqual(oldest.reverse())
  },
)

test('those of another table, and those on demand beside those that are not, take no place', () => {
  const full = { count: SHAPES_PER_TABLE }
  const all = threads(full, { ...full, onDemand: true }, { ...full, table: 'notes' })
  expect(surplus(all, NONE)).toEqual([])
})

test('one that is held stays, the next ones go for it, and where all are held all stay', () => {
  const all = threads({ count: SHAPES_PER_TABLE + 1 })
  const oldest = `todos ${SHAPES_PER_TABLE}`
  expect(surplus(all, new Set([oldest]))).toEqual([`todos ${SHAPES_PER_TABLE - 1}`])
  expect(surplus(all, new Set(all.keys()))).toEqual([])
})

import { expect, expectTypeOf, test } from 'vitest'
import { canonical } from './canonical-predicate.ts'
import { filter } from './filter.ts'
import { type Filter, predicateOf } from './predicate-of.ts'

interface Row {
  id: string
  votes: number | null
  done: boolean
}

test('an object is equality of every column: of one of several for a list, no value for null', () => {
  expect(predicateOf({ done: true, votes: [1, 2], id: null })).toEqual({
    op: 'and',
    of: [
      { op: 'eq', column: 'done', value: true },
      { op: 'in', column: 'votes', values: [1, 2] },
      { op: 'isNull', column: 'id' },
    ],
  })
})

test('values travel with their types', () => {
  const of = {
    when: new Date(5),
    big: 2n ** 60n,
    bytes: new Uint8Array([255]),
    most: Number.POSITIVE_INFINITY,
  }
  expect(canonical(predicateOf(of))).toEqual(
    canonical({
      op: 'and',
      of: [
        { op: 'eq', column: 'when', value: { date: 5 } },
        { op: 'eq', column: 'big', value: { int: '1152921504606846976' } },
        { op: 'eq', column: 'bytes', value: { hex: 'ff' } },
        { op: 'eq', column: 'most', value: { num: 'Infinity' } },
      ],
    }),
  )
})

test('a value that got lost is a mistake and lets nothing pass', () => {
  expect(() => predicateOf({ id: undefined })).toThrow(new TypeError(`the filter's "id" is undefined`))
  expect(() => predicateOf({ id: ['a', undefined] })).toThrow(TypeError)
  expect(() => filter.eq('id', undefined)).toThrow(TypeError)
  expect(() => filter.in('id', [undefined])).toThrow(TypeError)
})

test('what SQLite has no place for is named with its column', () => {
  expect(() => filter.gt('votes', Number.NaN)).toThrow(new TypeError(`the filter's "votes" is NaN`))
  expect(() => predicateOf({ votes: 2n ** 64n })).toThrow(/"votes" does not fit in 64 bits/)
})

test('what an object cannot say is built', () => {
  const built = filter.or(
    filter.and(filter.gte('votes', 1), filter.lt('votes', 5), filter.not(filter.like('id', 'a%'))),
    filter.in('id', ['x']),
    filter.isNull('votes'),
    filter.ilike('id', 'B%'),
    filter.lte('votes', 0),
  )
  expect(predicateOf(built)).toEqual({
    op: 'or',
    of: [
      {
        op: 'and',
        of: [
          { op: 'gte', column: 'votes', value: 1 },
          { op: 'lt', column: 'votes', value: 5 },
          { op: 'not', of: { op: 'like', column: 'id', value: 'a%' } },
        ],
      },
      { op: 'in', column: 'id', values: ['x'] },
      { op: 'isNull', column: 'votes' },
      { op: 'ilike', column: 'id', value: 'B%' },
      { op: 'lte', column: 'votes', value: 0 },
    ],
  })
})

test('an object is checked against the row', () => {
  expectTypeOf<{ votes: 1; done: true }>().toExtend<Filter<Row>>()
  expectTypeOf<{ votes: readonly [1, 2] }>().toExtend<Filter<Row>>()
  expectTypeOf<{ votes: 'many' }>().not.toExtend<Filter<Row>>()
})

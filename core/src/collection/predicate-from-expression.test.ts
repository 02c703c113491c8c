import * as newest from '@tanstack/db'
import * as oldest from 'tanstack-db-oldest'
import { describe, expect, it } from 'vitest'
import { canonical } from '../wire/index.ts'
import { capturedExpression } from './captured-expression.ts'
import { collectionWhere } from './collection-where.ts'
import { predicateFromExpression } from './predicate-from-expression.ts'

interface Row {
  id: string
  a: number | null
  s: string
  done: boolean
  at: Date
  inner: { x: number }
}

const versions = [
  ['0.9.2', oldest as unknown as typeof newest],
  ['0.15.2', newest],
] as const

describe.each(versions)('a filter said with the operators of @tanstack/db %s', (_, db) => {
  const collection = db.createCollection<Row, string>({
    getKey: ({ id }) => id,
    sync: { sync: ({ markReady }) => markReady() },
  })
  const said = (where: (row: Row) => unknown) => {
    const expression = capturedExpression(collection, where)
    return expression && predicateFromExpression(expression)
  }
  const { and, eq, gt, gte, ilike, inArray, isNull, isUndefined, like, lt, lte, not, or } = db

  it('is the predicate that it means', () => {
    expect(said((r) => and(eq(r.a, 1), or(gt(r.a, 2), lte(r.a, 3))))).toEqual({
      op: 'and',
      of: [
        { op: 'eq', column: 'a', value: 1 },
        {
          op: 'or',
          of: [
            { op: 'gt', column: 'a', value: 2 },
            { op: 'lte', column: 'a', value: 3 },
          ],
        },
      ],
    })
    expect(said((r) => not(inArray(r.s, ['x', 'y'])))).toEqual({
      op: 'not',
      of: { op: 'in', column: 's', values: ['x', 'y'] },
    })
    expect(said((r) => like(r.s, 'a%'))).toEqual({ op: 'like', column: 's', value: 'a%' })
    expect(said((r) => ilike(r.s, 'a%'))).toEqual({ op: 'ilike', column: 's', value: 'a%' })
    expect(said((r) => isNull(r.a))).toEqual({ op: 'isNull', column: 'a' })
    expect(said((r) => isUndefined(r.a))).toEqual({ op: 'isUndefined', column: 'a' })
    expect(said((r) => eq(r.at, new Date(5)))).toEqual({ op: 'eq', column: 'at', value: { date: 5 } })
  })

  it('may have its sides exchanged, be a column alone, or lack a value', () => {
    expect(said((r) => gt(5, r.a))).toEqual({ op: 'lt', column: 'a', value: 5 })
    expect(said((r) => lt(5, r.a))).toEqual({ op: 'gt', column: 'a', value: 5 })
    expect(said((r) => gte(5, r.a))).toEqual({ op: 'lte', column: 'a', value: 5 })
    expect(said((r) => r.done)).toEqual({ op: 'eq', column: 'done', value: true })
    expect(said((r) => not(r.done))).toEqual({ op: 'not', of: { op: 'eq', column: 'done', value: true } })
    expect(said((r) => eq(r.a, undefined))).toEqual({ op: 'eq', column: 'a', value: null })
    expect(said(() => true)).toEqual({ op: 'always' })
  })

  const refused: readonly (readonly [string, (row: Row) => unknown, RegExp])[] = [
    ['a path inside a column', (r) => eq(r.inner.x, 1), /inner\.x/],
    ['a comparison of two columns', (r) => eq(r.s, r.id), /"s" and "id"/],
    ['a function of a column', (r) => eq(db.upper(r.s), 'X'), /upper/],
    ['an unknown function', (r) => db.length(r.s), /length/],
    ['a value that is none', (r) => eq(r.a, Number.NaN), /NaN/],
    ['two values', () => eq(1, 1), /without a column/],
    [
      'a value in the place of a condition',
      (r) => and(eq(r.a, 1), 'yes' as never),
      /in the place of a condition/,
    ],
  ]
  it.each(refused)('is refused with %s, by name [E4]', (_, where, message) => {
    expect(() => said(where)).toThrow(message)
    expect(() => said(where)).toThrow(expect.objectContaining({ code: 'predicate-unsupported' }))
  })

  it('is refused when it is deeper than any server takes', () => {
    const deep = (levels: number) => (r: Row) => {
      let expression = eq(r.a, 1)
      for (let i = 1; i < levels; i++) expression = not(expression)
      return expression
    }
    expect(said(deep(40))).toBeDefined()
    expect(() => said(deep(41))).toThrow(/40 levels/)
  })

  it('leaves no subscription behind', () => {
    said((r) => eq(r.a, 1))
    expect(collection.subscriberCount).toBe(0)
  })
})

describe('the filter of a collection', () => {
  const collection = newest.createCollection<Row, string>({
    getKey: ({ id }) => id,
    sync: { sync: ({ markReady }) => markReady() },
  })

  it('is the same whether it is an object or an expression', () => {
    const object = collectionWhere({ s: 'x', a: [1, 2] }, collection)
    const expression = collectionWhere(
      (r: Row) => newest.and(newest.inArray(r.a, [2, 1]), newest.eq(r.s, 'x')),
      collection,
    )
    expect(object && canonical(object)).toEqual(expression)
  })

  it.each([
    ['is empty', {}],
    ['is always true', () => true],
    ['says nothing', () => newest.and(newest.not(false as never), true as never)],
  ])('is refused when it %s', (_, where) => {
    expect(() => collectionWhere(where, collection)).toThrow(
      expect.objectContaining({ code: 'filter-without-column' }),
    )
  })

  it('is refused when it has lost a value, or throws', () => {
    const lost = { s: undefined }
    const throws = () => {
      throw new Error('oops')
    }
    for (const where of [lost, throws]) {
      expect(() => collectionWhere(where, collection)).toThrow(
        expect.objectContaining({ code: 'predicate-unsupported' }),
      )
    }
  })
})

import { expect, test } from 'vitest'
import { RowOrder } from './row-order.ts'
import type { TableSchema } from './table-schema.ts'

const column = (name: string) => ({ name, affinity: 'text', kind: undefined, generated: false }) as const
const schema: TableSchema = {
  name: 't',
  key: 'id',
  columns: [column('a'), column('id'), column('b')],
  kinds: {},
  hash: '',
}
const order = new RowOrder(
  [
    { column: 'b', descending: true, nulls: 'last', text: 'binary' },
    { column: 'a', descending: false, nulls: 'first', text: 'binary' },
  ],
  schema,
)

test('a place is the cells of the order’s columns, then the key', () => {
  expect(order.placeOf([1, 'key', 2])).toEqual([2, 1, 'key'])
  expect(order.compare(order.placeOf([1, 'x', 9]), order.placeOf([0, 'a', 2]))).toBeLessThan(0)
  expect(order.compare(order.placeOf([null, 'x', 2]), order.placeOf([0, 'a', 2]))).toBeLessThan(0)
})

test('only what has a cell for every term and a key is a place of the order', () => {
  expect(order.has([2, 1, 'key'])).toBe(true)
  for (const place of [[], [2, 1], [2, 1, 5], [2, 1, 'key', 'key']]) expect(order.has(place)).toBe(false)
  for (const cell of [null, 5, 'x', { int: '5' }, { hex: '00' }, { num: 'Infinity' }] as const)
    expect(order.has([cell, 1, 'key'])).toBe(true)
  expect(order.has(['x'.repeat(5000), 1, 'key'])).toBe(false)
})

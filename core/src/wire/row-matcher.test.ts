import { expect, test } from 'vitest'
import type { Cell, ColumnKind, WireValue } from './cell.ts'
import type { Predicate } from './predicate.ts'
import { rowMatcher } from './row-matcher.ts'

/** What `predicate` says of a row whose column `c` holds `cell`. */
const matches = (predicate: Predicate, cell: Cell, kind?: ColumnKind): boolean =>
  rowMatcher(predicate, ['id', 'c'], kind ? { c: kind } : {})(['k', cell])

type Comparison = 'eq' | 'gt' | 'gte' | 'lt' | 'lte' | 'like' | 'ilike'
const compare = (op: Comparison, value: WireValue): Predicate => ({ op, column: 'c', value })
const not = (of: Predicate): Predicate => ({ op: 'not', of })
const among = (...values: WireValue[]): Predicate => ({ op: 'in', column: 'c', values })

test('a comparison with null is unknown: neither it nor its negation holds', () => {
  for (const op of ['eq', 'gt', 'gte', 'lt', 'lte', 'like', 'ilike'] as const)
    for (const predicate of [compare(op, 'x'), not(compare(op, 'x'))])
      expect(matches(predicate, null), JSON.stringify(predicate)).toBe(false)
  for (const predicate of [compare('eq', null), not(compare('eq', null)), not(among('x', null))])
    expect(matches(predicate, null), JSON.stringify(predicate)).toBe(false)
  expect(matches(compare('eq', null), 'x')).toBe(false)
  expect(matches(not(compare('eq', null)), 'x')).toBe(false)
})

test('null in a list counts for nothing', () => {
  expect(matches(among('x', null), 'x')).toBe(true)
  expect(matches(not(among('x', null)), 'y')).toBe(true)
})

test('unknown is kept by and, or and not, unless the other operand decides', () => {
  const unknown = compare('eq', null)
  const [always, never] = [{ op: 'always' }, { op: 'never' }] as const
  const all = (...of: Predicate[]): Predicate => ({ op: 'and', of })
  const any = (...of: Predicate[]): Predicate => ({ op: 'or', of })
  const truth = (predicate: Predicate) =>
    matches(predicate, 1) ? 'true' : matches(not(predicate), 1) ? 'false' : 'unknown'
  expect([unknown, always, never].map(truth)).toEqual(['unknown', 'true', 'false'])
  expect([all(unknown, always), all(unknown, never), all(always, always), all()].map(truth)).toEqual([
    'unknown',
    'false',
    'true',
    'true',
  ])
  expect([any(unknown, always), any(unknown, never), any(never, never), any()].map(truth)).toEqual([
    'true',
    'unknown',
    'false',
    'false',
  ])
})

test('values of different types are neither equal nor in an order', () => {
  const of: readonly (readonly [WireValue, Cell])[] = [
    [1, '1'],
    ['1', 1],
    ['a', { hex: '61' }],
    [true, '1'],
    [{ date: 5 }, '5'],
    [{ int: '5' }, '5'],
  ]
  for (const [value, cell] of of)
    for (const op of ['eq', 'gt', 'gte', 'lt', 'lte'] as const)
      expect(matches(compare(op, value), cell), JSON.stringify([op, value, cell])).toBe(false)
  expect(matches(not(compare('gt', 1)), '2')).toBe(true)
})

test('text is ordered as JavaScript orders it', () => {
  expect(matches(compare('lt', '\uffff'), '\u{1f600}')).toBe(true)
  expect(matches(compare('gt', 'a'), 'B')).toBe(false)
})

test('a number and a bigint are in an order, and equal only to their own', () => {
  expect(matches(compare('eq', 5), 5)).toBe(true)
  expect(matches(compare('eq', { int: '5' }), 5)).toBe(false)
  expect(matches(compare('eq', { int: '5' }), 5, 'bigint')).toBe(true)
  expect(matches(compare('eq', 5), 5, 'bigint')).toBe(false)
  expect(matches(compare('gte', 5), 5, 'bigint')).toBe(true)
  expect(matches(compare('eq', { int: '9007199254740993' }), { int: '9007199254740993' })).toBe(true)
  expect(matches(compare('lt', 9007199254740994), { int: '9007199254740993' })).toBe(true)
  expect(matches(compare('gt', { num: '-Infinity' }), { int: '-9223372036854775808' })).toBe(true)
})

test('a boolean is 1 or 0 in its column, and ordered with numbers', () => {
  expect(matches(compare('eq', true), 1, 'boolean')).toBe(true)
  expect(matches(compare('eq', 1), 1, 'boolean')).toBe(false)
  expect(matches(compare('eq', true), 1)).toBe(false)
  expect(matches(compare('gt', 0), 1, 'boolean')).toBe(true)
  expect(matches(compare('eq', 2), 2, 'boolean')).toBe(true)
})

test('a date is its milliseconds, however it is stored; text that is no date is text', () => {
  const date = Date.parse('2024-01-01T00:00:00.000Z')
  for (const cell of [
    date,
    '2024-01-01T00:00:00.000Z',
    '2024-01-01',
    '2024-01-01T01:00:00+01:00',
    date + 0.5,
  ])
    expect(matches(compare('eq', { date }), cell, 'date'), String(cell)).toBe(true)
  expect(matches(compare('eq', date), date, 'date')).toBe(true)
  expect(matches(compare('eq', '2024-01-01'), '2024-01-01', 'date')).toBe(false)
  expect(matches(compare('eq', 'soon'), 'soon', 'date')).toBe(true)
  expect(matches(compare('gt', { date: 0 }), 'soon', 'date')).toBe(false)
  expect(matches(compare('like', '2024%'), '2024-01-01', 'date')).toBe(false)
})

test('a document is what it says, and equals nothing if it is an object', () => {
  expect(matches(compare('eq', 'abc'), '"abc"', 'json')).toBe(true)
  expect(matches(compare('eq', 5), '5', 'json')).toBe(true)
  expect(matches({ op: 'isNull', column: 'c' }, 'null', 'json')).toBe(true)
  expect(matches(compare('eq', { json: { a: 1 } }), '{"a":1}', 'json')).toBe(false)
  expect(matches(not(compare('eq', { json: { a: 1 } })), '{"a":1}', 'json')).toBe(true)
  expect(matches(compare('eq', { hex: 'ab' }), '{"hex":"ab"}', 'json')).toBe(false)
  expect(matches(among({ json: { a: 1 } }), '{"a":1}', 'json')).toBe(false)
  expect(matches(compare('eq', 'no document'), 'no document', 'json')).toBe(true)
})

test('bytes are equal by content, alone and in a list', () => {
  expect(matches(compare('eq', { hex: 'AB' }), { hex: 'ab' })).toBe(true)
  expect(matches(among({ hex: 'ab' }, 1), { hex: 'AB' }, 'bytes')).toBe(true)
  expect(matches(not(compare('eq', { hex: 'ab' })), { hex: 'ac' })).toBe(true)
  expect(matches(not(compare('eq', { hex: 'ab' })), null)).toBe(false)
})

test('like is of text alone, ilike does not mind the case of any letter', () => {
  expect(matches(compare('like', '1%'), 12)).toBe(false)
  expect(matches(compare('like', 'É%'), 'été')).toBe(false)
  expect(matches(compare('ilike', 'É%'), 'été')).toBe(true)
  expect(matches(not(compare('like', 'a%')), 5)).toBe(true)
  expect(matches(compare('like', 5), 'five')).toBe(false)
})

test('no stored column is undefined', () => {
  expect(matches({ op: 'isUndefined', column: 'c' }, null)).toBe(false)
  expect(matches(not({ op: 'isUndefined', column: 'c' }), null)).toBe(true)
})

test('columns that are called like properties of every object are columns', () => {
  const predicate: Predicate = { op: 'eq', column: 'constructor', value: 1 }
  expect(rowMatcher(predicate, ['constructor'], {})([1])).toBe(true)
})

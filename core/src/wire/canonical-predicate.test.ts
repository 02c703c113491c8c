import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ALWAYS, bothOf, canonical, columnsOf } from './canonical-predicate.ts'
import type { Cell, WireValue } from './cell.ts'
import { implies } from './implied-predicate.ts'
import type { Predicate } from './predicate.ts'
import { rowMatcher } from './row-matcher.ts'

const eq = (column: string, value: WireValue): Predicate => ({ op: 'eq', column, value })
const all = (...of: Predicate[]): Predicate => ({ op: 'and', of })
const any = (...of: Predicate[]): Predicate => ({ op: 'or', of })
const not = (of: Predicate): Predicate => ({ op: 'not', of })
const [a, b, c] = [eq('a', 1), eq('b', 2), eq('c', null)] as const

test.each<[string, Predicate, Predicate]>([
  ['the order of operands', all(a, b), all(b, a)],
  ['repetition', all(a, b, a), all(a, b)],
  ['nesting of the same connective', all(a, all(b, c)), all(all(c, a), b)],
  ['a chain of one', any(a), a],
  ['an empty chain', all(), ALWAYS],
  ['what says nothing', all(a, ALWAYS), a],
  ['what says everything', all(a, { op: 'never' }), { op: 'never' }],
  ['what says everything in an or', any(a, ALWAYS), ALWAYS],
  ['a double negation', not(not(a)), a],
  ['a negated constant', not(ALWAYS), { op: 'never' }],
  [
    'the order of a list',
    { op: 'in', column: 'a', values: [2, 1, 2] },
    { op: 'in', column: 'a', values: [1, 2] },
  ],
  [
    'null in a list',
    { op: 'in', column: 'a', values: [1, null, 2] },
    { op: 'in', column: 'a', values: [2, 1] },
  ],
  ['a list of one', { op: 'in', column: 'a', values: [1] }, a],
])('%s makes no difference', (_, one, other) => {
  expect(JSON.stringify(canonical(one))).toBe(JSON.stringify(canonical(other)))
})

test('values of different types stay different', () => {
  const texts = [1, '1', true, { int: '1' }, { date: 1 }, { hex: '01' }].map((value) =>
    JSON.stringify(canonical(eq('a', value))),
  )
  expect(new Set(texts).size).toBe(texts.length)
})

const columns = ['a', 'b']
const cells = fc.constantFrom<Cell>(null, 0, 1, '', 'x')
const literals = fc.constantFrom<WireValue>(null, 0, 1, '', 'x')
const { tree } = fc.letrec<{ tree: Predicate }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    fc.record({
      op: fc.constantFrom('eq', 'gt', 'lte'),
      column: fc.constantFrom(...columns),
      value: literals,
    }),
    fc.record({
      op: fc.constant('in'),
      column: fc.constantFrom(...columns),
      values: fc.array(literals, { maxLength: 3 }),
    }),
    fc.record({ op: fc.constantFrom('isNull', 'isUndefined'), column: fc.constantFrom(...columns) }),
    fc.record({ op: fc.constantFrom('always', 'never') }),
    fc.record({ op: fc.constantFrom('and', 'or'), of: fc.array(tie('tree'), { maxLength: 3 }) }),
    fc.record({ op: fc.constant('not'), of: tie('tree') }),
  ) as fc.Arbitrary<Predicate>,
}))
const rows = fc.tuple(cells, cells)

const holds = (predicate: Predicate, row: readonly Cell[]) => rowMatcher(predicate, columns, {})(row)

test('the canonical form says the same of every row, also when it is negated, and is its own', () => {
  fc.assert(
    fc.property(tree, rows, (predicate, row) => {
      const form = canonical(predicate)
      expect(holds(form, row)).toBe(holds(predicate, row))
      expect(holds(not(form), row)).toBe(holds(not(predicate), row))
      expect(canonical(form)).toEqual(form)
    }),
    { numRuns: 3000 },
  )
})

test('what is implied holds wherever the narrower one holds', () => {
  fc.assert(
    fc.property(tree, tree, rows, (one, other, row) => {
      const both = bothOf(one, other)
      expect(holds(both, row)).toBe(holds(one, row) && holds(other, row))
      for (const [narrower, wider] of [
        [both, canonical(one)],
        [canonical(one), canonical(other)],
      ] as const)
        if (implies(narrower, wider) && holds(narrower, row)) expect(holds(wider, row)).toBe(true)
    }),
    { numRuns: 3000 },
  )
})

test('everything implies nothing in particular, and each implies itself and everything', () => {
  expect(implies(canonical(all(a, b)), a)).toBe(true)
  expect(implies(canonical(all(a, b)), canonical(all(b, a)))).toBe(true)
  expect(implies(a, canonical(all(a, b)))).toBe(false)
  expect(implies(a, ALWAYS)).toBe(true)
  expect(implies(ALWAYS, a)).toBe(false)
  expect(implies(a, canonical(any(a, b)))).toBe(false)
})

test('values of a column imply a list that has them all, and no other', () => {
  const within = (column: string, ...values: WireValue[]): Predicate => ({ op: 'in', column, values })
  expect(implies(a, within('a', 1, 2))).toBe(true)
  expect(implies(within('a', 1, 2), within('a', 1, 2, 3))).toBe(true)
  expect(implies(canonical(all(b, within('a', 1, 2))), canonical(all(b, within('a', 1, 2, 3))))).toBe(true)
  expect(implies(within('a', 1, 4), within('a', 1, 2, 3))).toBe(false)
  expect(implies(within('a', 1, 2), a)).toBe(false)
  expect(implies(within('b', 1), within('a', 1, 2))).toBe(false)
  expect(implies(eq('a', '1'), within('a', 1, 2))).toBe(false)
  expect(implies(not(within('a', 1)), within('a', 1, 2))).toBe(false)
})

test('the columns of a predicate are those of all its comparisons, each once', () => {
  const predicate = all(a, not(any(b, { op: 'in', column: 'd', values: [] })), a, {
    op: 'isNull',
    column: 'e',
  })
  expect([...columnsOf(predicate)].sort()).toEqual(['a', 'b', 'd', 'e'])
  expect(columnsOf(ALWAYS).size).toBe(0)
})

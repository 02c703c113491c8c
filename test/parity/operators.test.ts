import { type Cell, type Predicate, rowMatcher } from '@durable-sync/core/wire'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Dice } from '../soak/dice.ts'
import { Coverage } from './coverage.ts'
import { ParityCheck } from './parity-check.ts'
import { kinds, parityStatements, TABLES } from './parity-table.ts'
import { ParityWorld } from './parity-world.ts'
import { LEAF_OPERATORS, leafQuestions, type Question, randomTree } from './predicates.ts'
import { CELL_CASES } from './stored-values.ts'

/** Another one: `PARITY_SEED=7 npx vitest run test/parity`. */
const SEED = Number(process.env.PARITY_SEED ?? 1)
const EACH = 1
const TREES = 300
const JOINS = 30
const ROOM = 'operators'

const trees = (dice: Dice): Question[] =>
  Array.from({ length: TREES }, () => ({ predicate: randomTree(dice, 4), literal: 'various' }))

let world: ParityWorld
beforeAll(async () => {
  world = await ParityWorld.start()
  await world.ask(ROOM, 'exec', { statements: parityStatements(new Dice(SEED)) })
})
afterAll(() => world.stop())

test('SQL, the matcher of both ends and TanStack DB agree about every operator, kind and value [R14, E1]', async () => {
  const dice = new Dice(SEED)
  const check = await ParityCheck.of(world, ROOM)
  const coverage = new Coverage(check.cols, check.rows)
  for (const op of LEAF_OPERATORS) await check.ask(leafQuestions(dice, op, EACH), rowMatcher, coverage.add)
  await check.ask(trees(dice), rowMatcher, coverage.add)
  const { tally } = check
  console.log(
    `seed ${SEED}: pairs of a row and a predicate, by operator and kind of column: all / cases / of the rarest case\n${coverage.table()}\n`,
    tally,
  )
  expect(check.problems.join('\n')).toBe('')
  expect(tally.pairs).toBeGreaterThan(20_000)
  for (const { op, kind, stored, least, rarest } of coverage.cells()) {
    expect(stored, `${op} of ${kind}`).toBe(CELL_CASES.length)
    expect(least, `${op} of ${kind}: ${rarest}`).toBeGreaterThanOrEqual(20)
  }
  // Each comparison for order with each kind but json and bytes, every other operator with each.
  expect(coverage.cells()).toHaveLength(4 * 4 + 6 * 6 + 3 * 6)
  // The one deviation: an order between different types, which JavaScript has and we have not.
  expect(tally.deviations).toBeGreaterThan(0)
  expect(tally.deviations).toBeLessThan(tally.unordered)
})

test('a join reads exactly the rows that match, in the order of their keys, page by page [R14]', async () => {
  const dice = new Dice(SEED + 1)
  const { cols, rows } = await ParityCheck.of(world, ROOM)
  for (let i = 0; i < JOINS; i++) {
    const where = randomTree(dice, 3)
    const matches = rowMatcher(where, cols, kinds)
    const expected = rows.filter(matches).map(([key]) => key)
    for (const table of TABLES) {
      const read = { table, kinds, where, sizes: [dice.pick([1, 2000, 1e9])] }
      const [found] = await world.ask(ROOM, 'pages', read)
      const keys = found?.pages.flat().map((row) => (JSON.parse(row) as Cell[])[0])
      expect(keys, JSON.stringify(where)).toEqual(expected)
    }
  }
})

test.each<[string, Predicate, RegExp]>([
  ['equality of text', { op: 'eq', column: 't', value: 'abc' }, /indexed_t /],
  ['equality of numbers', { op: 'eq', column: 'i', value: 5 }, /indexed_i /],
  ['equality of bigints', { op: 'eq', column: 'big', value: { int: '9007199254740993' } }, /indexed_big /],
  ['equality of booleans', { op: 'eq', column: 'bool', value: true }, /indexed_bool /],
  ['equality of bytes', { op: 'eq', column: 'bytes', value: { hex: 'ff' } }, /indexed_bytes /],
  ['equality of null', { op: 'isNull', column: 'i' }, /indexed_i /],
  ['a list', { op: 'in', column: 't', values: ['a', 'b', 'c'] }, /indexed_t /],
  ['a range of text', { op: 'gte', column: 't', value: 'abc' }, /indexed_t .*>/],
  ['a range of numbers', { op: 'gt', column: 'i', value: 5 }, /indexed_i .*>/],
  ['a range of bigints', { op: 'lt', column: 'big', value: { int: '5' } }, /indexed_big .*</],
  ['a beginning of text', { op: 'like', column: 't', value: 'abc%' }, /indexed_t .*>.*</],
  ['dates in numbers', { op: 'gte', column: 'date_int', value: { date: 5 } }, /indexed_date_int .*>/],
])('%s is looked for in an index that the author made [R14]', async (_, where, plan) => {
  const steps = await world.ask(ROOM, 'plan', { table: 'indexed', kinds, where })
  expect(steps.join('; ')).toMatch(/^SEARCH/)
  expect(steps.join('; ')).toMatch(plan)
})

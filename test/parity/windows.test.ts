import {
  type Cell,
  type OrderTerm,
  type Place,
  type PlaceCell,
  placeCell,
  placeComparator,
  rowMatcher,
} from '@durable-sync/core/wire'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Dice } from '../soak/dice.ts'
import type { Pages, WindowRead } from '../worker/parity-verbs.ts'
import { applicationRows } from './application-values.ts'
import { orderedKinds, orderedStatements, randomOrder, randomWhere } from './ordered-table.ts'
import { ParityWorld } from './parity-world.ts'
import { TanStackRows, versions } from './tanstack.ts'

const SEED = Number(process.env.PARITY_SEED ?? 1)
const TABLES = 6
const READS = 40
const ORDERS = 15

type Cells = readonly Cell[]

let world: ParityWorld
beforeAll(async () => {
  world = await ParityWorld.start()
})
afterAll(() => world.stop())

const placeOf = (cols: readonly string[], order: readonly OrderTerm[], cells: Cells): Place =>
  [...order.map(({ column }) => column), 'id'].map((name) => placeCell(cells[cols.indexOf(name)]))

async function tableOf(dice: Dice, table: string, keys: readonly string[]) {
  await world.ask('windows', 'exec', { statements: orderedStatements(dice, table, keys) })
  const { cols, rows } = await world.ask('windows', 'columns', { table, kinds: orderedKinds })
  return { table, cols, rows: rows.map((row) => JSON.parse(row) as Cells) }
}

/** The place of a row, or one between rows: the cells of several. */
function somewhere(
  dice: Dice,
  cols: readonly string[],
  rows: readonly Cells[],
  order: readonly OrderTerm[],
): Place {
  const place = placeOf(cols, order, dice.pick(rows))
  if (dice.chance(0.5)) return place
  return place.map((cell, i) =>
    dice.chance(0.5) ? cell : (placeOf(cols, order, dice.pick(rows))[i] ?? null),
  )
}

/** A cell as text. `JSON.stringify` knows no infinity. */
const textOf = (cell: PlaceCell): string => (typeof cell === 'object' ? JSON.stringify(cell) : String(cell))

const textsOf = (rows: readonly Cells[]): string => rows.map((cells) => cells.map(textOf).join()).join('\n')

const show = (value: unknown) => JSON.stringify(value)

/** What the pages of one read should have been, or undefined. */
function problem(
  read: WindowRead,
  pages: Pages,
  cols: readonly string[],
  rows: readonly Cells[],
): string | undefined {
  const compare = placeComparator(read.order)
  const place = (cells: Cells) => placeOf(cols, read.order, cells)
  const matches = read.where ? rowMatcher(read.where, cols, orderedKinds) : () => true
  const { after } = read
  const expected = rows
    .filter((cells) => matches(cells) && (after === null || compare(place(cells), after) > 0))
    .sort((a, b) => compare(place(a), place(b)))
  const answered = pages.pages.map((page) => page.map((row) => JSON.parse(row) as Cells))
  if (textsOf(answered.flat()) !== textsOf(expected))
    return `keys ${show(answered.flat().map((cells) => cells[0]))} instead of ${show(expected.map((cells) => cells[0]))}`
  let seen = 0
  for (const [i, page] of answered.entries()) {
    seen += page.length
    const last = page.at(-1)
    const limit = read.limits[i % read.limits.length] ?? 0
    const bytes = page.slice(0, -1).reduce((sum, _, k) => sum + (pages.pages[i]?.[k]?.length ?? 0) + 1, 0)
    const isFull = page.length === limit || bytes + (pages.pages[i]?.at(-1)?.length ?? 0) + 1 >= read.bytes
    if (page.length > limit || (page.length > 1 && bytes >= read.bytes)) return `page ${i} is too large`
    if (pages.lasts[i] !== (last ? place(last).map(textOf).join(' ') : null))
      return `page ${i} ends at another place`
    if (pages.mores[i] !== seen < expected.length) return `page ${i} says ${pages.mores[i]} about more`
    if (pages.mores[i] && !isFull) return `page ${i} is too small`
  }
  return undefined
}

test('the pages of a window are its rows sorted by place, from any place on, whatever indexes there are [R19, F5]', async () => {
  const dice = new Dice(SEED)
  const problems: string[] = []
  let reads = 0
  let rowsRead = 0
  for (let i = 0; i < TABLES; i++) {
    const { table, cols, rows } = await tableOf(dice, `t${i}`, ['k', 'K', '\u{1f600}', '\uffff'])
    const asked = Array.from({ length: READS }, (): WindowRead => {
      const order = dice.chance(0.05) ? [] : randomOrder(dice)
      return {
        order,
        where: randomWhere(dice),
        after: dice.chance(0.4) ? null : somewhere(dice, cols, rows, order),
        limits: Array.from({ length: 3 }, () => dice.between(1, dice.pick([8, 30, 200]))),
        bytes: dice.pick([200, 2000, 100_000, 100_000]),
        count: 1000,
      }
    })
    const answers = await world.ask('windows', 'windows', { table, kinds: orderedKinds, reads: asked })
    for (const [k, read] of asked.entries()) {
      const answer = answers[k]
      if (!answer || 'refused' in answer) throw new Error(`refused: ${show(read.order)}`)
      const wrong = problem(read, answer, cols, rows)
      if (wrong !== undefined) problems.push(`${table} ${show(read)}: ${wrong}`)
      reads += answer.pages.length
      rowsRead += answer.rowsRead.reduce((sum, count) => sum + count, 0)
    }
  }
  console.log(`seed ${SEED}: ${TABLES * READS} windows in ${reads} pages, ${rowsRead} rows read`)
  expect(problems.slice(0, 5).join('\n')).toBe('')
})

/** Keys and texts with characters above U+FFFF are left out: the places are by code point, TanStack DB sorts by UTF-16 unit. */
test('where all values of a column are of one type, windows and TanStack DB have the same order [R19, F5]', async () => {
  const dice = new Dice(SEED)
  const { table, cols, rows } = await tableOf(dice, 'one_type', ['k', 'K', 'é'])
  const orders = Array.from({ length: ORDERS }, () => randomOrder(dice, true))
  const reads = orders.map((order) => ({
    order,
    where: null,
    after: null,
    limits: [7],
    bytes: 100_000,
    count: 1000,
  }))
  const answers = await world.ask('windows', 'windows', { table, kinds: orderedKinds, reads })
  const shown = applicationRows(cols, orderedKinds, rows)
  for (const [version, tanstack] of versions) {
    const collection = new TanStackRows(tanstack, shown)
    for (const [i, order] of orders.entries()) {
      const answer = answers[i]
      if (!answer || 'refused' in answer) throw new Error(`refused: ${show(order)}`)
      const keys = answer.pages.flat().map((row) => String((JSON.parse(row) as Cells)[0]))
      expect(keys, `${version} ${show(order)}`).toEqual(await collection.inOrder(order))
    }
  }
})

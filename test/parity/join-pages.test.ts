import { afterAll, beforeAll, expect, test } from 'vitest'
import { Dice } from '../soak/dice.ts'
import { orderedKinds, orderedStatements } from './ordered-table.ts'
import { kinds, parityStatements, TABLES } from './parity-table.ts'
import { ParityWorld } from './parity-world.ts'

const SEED = Number(process.env.PARITY_SEED ?? 1)
const FRAME = 256 * 1024

let world: ParityWorld
beforeAll(async () => {
  world = await ParityWorld.start()
})
afterAll(() => world.stop())

interface Read {
  readonly table: string
  readonly kinds: typeof kinds
  readonly sizes: readonly number[]
}

/**
 * Reads the table as it is and in pages of each of these sizes, and expects the same rows. A page ends with the row that fills it, and
 * only the last is short.
 */
async function compared({ sizes, ...of }: Read) {
  const { rows } = await world.ask('pages', 'columns', of)
  const read = await world.ask('pages', 'pages', { ...of, where: null, sizes })
  for (const [i, { pages }] of read.entries()) {
    const size = sizes[i] ?? 0
    expect(pages.flat()).toEqual(rows)
    for (const [n, page] of pages.entries()) {
      expect(lengthOf(page.slice(0, -1))).toBeLessThan(size)
      if (n < pages.length - 1) expect(lengthOf(page)).toBeGreaterThanOrEqual(size * 0.75)
    }
  }
  return { count: rows.length, read }
}

/** Two bytes that are no UTF-8, or a character that looks like it, before, between and after keys that are text. */
const oddKeys = (table: string) =>
  `INSERT INTO ${table} WITH RECURSIVE c (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM c WHERE i < 31)
   SELECT CAST(part.b || unhex(printf('%02x', c.i * 8 + 7)) || end.b AS TEXT), 'x' FROM c,
     (SELECT x'6B' AS b UNION ALL SELECT x'FF' UNION ALL SELECT x'EFBFBD' UNION ALL SELECT x'E2') AS part,
     (SELECT x'' AS b UNION ALL SELECT x'00' UNION ALL SELECT x'80' UNION ALL SELECT x'22') AS end`

const lengthOf = (rows: readonly string[]): number => rows.reduce((sum, row) => sum + row.length + 1, 0)

const make = (...statements: string[]) => world.ask('pages', 'exec', { statements })

/** Rows k00000…; `length`: what SQL says of the length of number i. */
const rowsOf = (table: string, from: number, to: number, length: string) =>
  `INSERT INTO ${table} WITH RECURSIVE c (i) AS (SELECT ${from} UNION ALL SELECT i + 1 FROM c WHERE i + 1 < ${to})
   SELECT printf('k%05d', i), substr(hex(zeroblob((${length}) / 2 + 1)), 1, ${length}) FROM c`
const create = (table: string, shape = '') => `CREATE TABLE ${table} (id TEXT PRIMARY KEY, t TEXT) ${shape}`

test('a page is the text of its rows, whatever SQLite stores in them [D8]', async () => {
  const dice = new Dice(SEED)
  await make(...parityStatements(dice))
  const sizes = [1, 100, 1000, 10_000, 100_000, Number.MAX_SAFE_INTEGER]
  for (const table of TABLES) await compared({ table, kinds, sizes })
})

test('a page is the text of its rows in generated tables, in sizes by chance [D8]', async () => {
  const dice = new Dice(SEED)
  for (let i = 0; i < 8; i++) {
    const table = `t${i}`
    await make(
      ...orderedStatements(dice, table, ['k', 'K', 'k\u{1f600}', '\uffff', '"\\', `k' || char(0) || '`]),
    )
    const sizes = Array.from({ length: 20 }, () => dice.between(1, dice.pick([50, 500, 5000, 50_000])))
    await compared({ table, kinds: orderedKinds, sizes })
  }
})

test('rows of all lengths after one another make pages that are not too long, and few are read twice [D8, D10]', async () => {
  const dice = new Dice(SEED)
  const ratios: number[] = []
  for (let i = 0; i < 6; i++) {
    const table = `lengths${i}`
    await make(create(table, dice.pick(['', 'WITHOUT ROWID'])))
    for (let from = 0; from < 5000; ) {
      const to = from + dice.between(1, 400)
      const spread = `(i * 7919 % ${dice.pick([1, 50, 1000])})`
      await make(rowsOf(table, from, to, `${dice.pick([1, 20, 300, 4000])} + ${spread} * ${spread} / 100`))
      from = to
    }
    const { count, read } = await compared({ table, kinds: {}, sizes: [FRAME, 64 * 1024, FRAME] })
    ratios.push(...read.map(({ rowsRead }) => rowsRead / count))
  }
  console.log('rows read for one row', ratios.map((ratio) => ratio.toFixed(2)).join(' '))
  for (const ratio of ratios) expect(ratio).toBeLessThan(1.5)
})

test('rows that together are too much for one value of SQLite come all the same [D10]', async () => {
  await make(
    create('huge', 'WITHOUT ROWID'),
    rowsOf('huge', 0, 3000, '10'),
    rowsOf('huge', 3000, 3012, '1000000'),
    rowsOf('huge', 3012, 6000, '10'),
  )
  const { count, read } = await compared({ table: 'huge', kinds: {}, sizes: [FRAME, FRAME] })
  // A thousand of those before them may be read twice.
  for (const { rowsRead } of read) expect(rowsRead).toBeLessThan(count * 1.5)
})

test('pages of rows that are about as long as each other read each of them once [B11]', async () => {
  await make(create('even', 'WITHOUT ROWID'), rowsOf('even', 0, 20_000, '100 + i % 30'))
  const { count, read } = await compared({ table: 'even', kinds: {}, sizes: [FRAME, 64 * 1024, 1024 * 1024] })
  for (const { rowsRead } of read) expect(rowsRead).toBeLessThanOrEqual(count * 1.001)
})

test('a table whose rows have all gone has one page without rows', async () => {
  await make(create('empty'))
  const [read] = await world.ask('pages', 'pages', { table: 'empty', kinds: {}, where: null, sizes: [FRAME] })
  expect(read?.pages).toEqual([[]])
})

test('no page leaves a cursor open: the table can be dropped after each', async () => {
  await make(create('dropped'), rowsOf('dropped', 0, 5000, '100'))
  await compared({ table: 'dropped', kinds: {}, sizes: [1000] })
  await make('DROP TABLE dropped')
})

test('rows whose keys are no UTF-8 come once each, and their pages end [D8, D10, R15]', async () => {
  for (const shape of ['', 'WITHOUT ROWID']) {
    const table = shape === '' ? 'odd' : 'odd_keys_only'
    await make(create(table, shape), oddKeys(table))
    const sizes = [1, 100, 3000, Number.MAX_SAFE_INTEGER]
    const { count } = await compared({ table, kinds: {}, sizes })
    expect(count).toBe(512)
    await make(`CREATE INDEX ${table}_t ON ${table} (t)`)
    const { rows } = await world.ask('pages', 'columns', { table, kinds: {} })
    const where = { op: 'in', column: 't', values: ['x', 'y'] } as const
    const filtered = await world.ask('pages', 'pages', { table, kinds: {}, where, sizes })
    for (const { pages } of filtered) expect(pages.flat()).toEqual(rows)
    const order = [{ column: 't', descending: false, nulls: 'first', text: 'binary' }] as const
    const reads = [order, []].map((each) => ({
      where: null,
      order: each,
      after: null,
      limits: [1, 7, 100],
      bytes: FRAME,
      count: 512,
    }))
    for (const window of await world.ask('pages', 'windows', { table, kinds: {}, reads }))
      expect('pages' in window && window.pages.flat()).toEqual(rows)
  }
})

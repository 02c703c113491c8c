import type { OrderTerm, Place, Predicate } from '@durable-sync/core/wire'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ParityWorld } from './parity-world.ts'

/** A page of fifty may read so many rows, however many there are and however many share a value. */
const MOST = 199

let world: ParityWorld
beforeAll(async () => {
  world = await ParityWorld.start()
  const rows = (table: string, count: number, columns: string) =>
    `INSERT INTO ${table} WITH RECURSIVE c (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM c WHERE i + 1 < ${count})
     SELECT printf('k%06d', i * 7919 % ${count}), ${columns} FROM c`
  const declared = 'id TEXT PRIMARY KEY, lead INTEGER, next INTEGER, title TEXT NOT NULL'
  await world.ask('reads', 'exec', {
    statements: [
      // Every value once, and in every tenth row none.
      `CREATE TABLE deep (${declared}) WITHOUT ROWID`,
      rows('deep', 100_000, `CASE i % 10 WHEN 0 THEN NULL ELSE i END, i % 7, 'title ' || (i % 3)`),
      'CREATE INDEX deep_lead ON deep (lead)',
      // Ten thousand rows of each value of \`lead\`, null among them, in each of the shapes of a table that serve that.
      ...['WITHOUT ROWID', ''].flatMap((shape, k) => [
        `CREATE TABLE ties${k} (${declared}) ${shape}`,
        rows(`ties${k}`, 20_000, `CASE i % 2 WHEN 0 THEN NULL ELSE 7 END, i, 'title ' || (i % 2)`),
        `CREATE INDEX ties${k}_lead ON ties${k} (lead${k === 0 ? '' : ', id'})`,
        `CREATE INDEX ties${k}_both ON ties${k} (lead, next${k === 0 ? '' : ', id'})`,
      ]),
    ],
  })
})
afterAll(() => world.stop())

const term = (column: string, descending: boolean, nulls: 'first' | 'last'): OrderTerm => ({
  column,
  descending,
  nulls,
  text: 'binary',
})

const DIRECTIONS = [false, true].flatMap((descending) =>
  (['first', 'last'] as const).map((nulls) => [descending, nulls] as const),
)

/** What each of the first pages of fifty reads. */
async function costs(
  table: string,
  order: readonly OrderTerm[],
  after: Place | null = null,
  where: Predicate | null = null,
): Promise<readonly number[]> {
  const read = { order, after, where, limits: [50], bytes: 1_000_000, count: 4 }
  const [answer] = await world.ask('reads', 'windows', { table, kinds: {}, reads: [read] })
  if (!answer || 'refused' in answer) throw new Error('refused')
  for (const page of answer.pages) expect(page).toHaveLength(50)
  return answer.rowsRead
}

function told(what: string, all: readonly number[]): void {
  console.log(
    `rows read by a page of fifty ${what}: ${Math.min(...all)} to ${Math.max(...all)}, ${all.length} pages`,
  )
  for (const each of all) expect(each).toBeLessThanOrEqual(MOST)
}

test('fifty of a hundred thousand rows by a column with an index read fewer than 200 rows, on every page [R19]', async () => {
  const all: number[] = []
  for (const [descending, nulls] of DIRECTIONS) {
    const order = [term('lead', descending, nulls)]
    const read = await costs('deep', order)
    const middle = await costs('deep', order, [50_000, 'k000000'])
    const two = await costs('deep', [...order, term('title', !descending, 'first')], [50_000, 'title 1', 'k'])
    all.push(...read, ...middle, ...two)
  }
  told('of a hundred thousand rows', all)
})

test.each(['before', 'after'])(
  'ten thousand rows that share a value, or have none, make no page dearer, %s ANALYZE [R19]',
  async (when) => {
    if (when === 'after') await world.ask('reads', 'exec', { statements: ['ANALYZE'] })
    const all: number[] = []
    for (const table of ['ties0', 'ties1'])
      for (const [descending, nulls] of DIRECTIONS) {
        const first = await costs(table, [term('lead', descending, nulls)])
        const inside = await costs(table, [term('lead', descending, nulls)], [7, 'k010000'])
        const amongNulls = await costs(table, [term('lead', descending, nulls)], [null, 'k010000'])
        const both = await costs(table, [term('lead', descending, nulls), term('next', descending, nulls)])
        const opposite = await costs(table, [
          term('lead', descending, nulls),
          term('next', !descending, nulls),
        ])
        all.push(...first, ...inside, ...amongNulls, ...both, ...opposite)
      }
    told(`among ten thousand ties, ${when} ANALYZE`, all)
  },
)

test('a filter that SQL cannot say reads no further than the rows that it finds [R14, R19]', async () => {
  const half: Predicate = { op: 'ilike', column: 'title', value: '%E 1' }
  const read = await costs('ties0', [term('lead', false, 'last')], null, half)
  // The title of every row is 1 where it has a lead.
  told('with a filter that SQL cannot say', read)
})

test('a join goes on behind thousands of rows that do not match [R14]', async () => {
  const where: Predicate = { op: 'ilike', column: 'title', value: '%E 1' }
  const read = { table: 'deep', kinds: {}, where, sizes: [1_000_000] }
  const [found] = await world.ask('reads', 'pages', read)
  expect(found?.pages.flat()).toHaveLength(33_333)
})

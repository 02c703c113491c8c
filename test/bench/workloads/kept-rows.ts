import type { Page } from 'playwright-core'
import { BrowserPages } from '../browser-pages.ts'
import { filledRoom } from '../filled-room.ts'
import { all } from '../patience.ts'
import type { Side } from '../side.ts'
import { median } from '../statistics.ts'
import { ALONE } from '../tanstack-alone.ts'
import { type Measurement, PRODUCT_AND_FLOOR, type Workload, type WorkloadContext } from '../workload.ts'

const FIRST_ROW = 'navigation to the first row on screen'
const ROWS = 'opening the store and reading all rows'
const CHANGE = 'keeping a change'
const WRITES = 'opening the store and reading the pending writes'
const ROOM_AGAIN = 'again: reading all of a room in use'
const QUEUE_AGAIN = 'again: reading its queue alone'

/** Within one measurement, so that one pause of the browser does not decide it. */
const READS = 5
const CHANGES = 15
const USER = 'user-001'

/**
 * W10: what is kept on a device. The floor is one record for each row, and a collection that is fed with them by hand. TanStack DB alone
 * is a collection that is fed with as many rows from memory; what it takes to make them is not in its figure.
 */
export const keptRows: Workload = {
  name: 'W10',
  title: ({ keptRows, keptChanges, keptWrites }) =>
    `a page in Chromium that has kept ${keptRows} rows, changes of ${keptChanges}, ${keptWrites} pending writes`,
  kind: 'timed',
  sides: [...PRODUCT_AND_FLOOR, ALONE],
  figures: [
    { name: FIRST_ROW, unit: 'ms' },
    { name: ROWS, unit: 'ms' },
    { name: CHANGE, unit: 'ms' },
    { name: WRITES, unit: 'ms' },
    { name: ROOM_AGAIN, unit: 'ms' },
    { name: QUEUE_AGAIN, unit: 'ms' },
  ],
  prepare: async (side, context) => {
    const pages = await BrowserPages.start(context.testFolder)
    const shown = await fill(side, context, pages)
    return {
      measure: () => measure(side, context, pages, shown),
      profile: async () => ({ page: await pages.profile(shown, whenFirstRow) }),
      close: () => pages.close(),
    }
  },
}

type Address = Readonly<Record<string, string>>

/** Returns the address of the page that shows the rows. */
async function fill(side: Side, { scale, port }: WorkloadContext, pages: BrowserPages): Promise<Address> {
  if (side.name === ALONE) return { show: 'memory', name: String(scale.keptRows) }
  const page = await pages.open()
  await page.evaluate(
    async ({ name, rows, writes }) => {
      const store = name === 'product' ? bench.engine : bench.recordARow
      for (const database of ['rows', 'changes']) await store.keepRows(database, bench.rowsFrom(0, rows))
      await store.keepWrites('writes', bench.rowsFrom(0, writes))
    },
    { name: side.name, rows: scale.keptRows, writes: scale.keptWrites },
  )
  await page.close()
  if (side.name === 'floor') return { show: 'floor', name: 'rows' }
  const room = await filledRoom(side, scale.keptRows)
  const address = { show: 'product', url: `ws://127.0.0.1:${port}/sync/${room}?user=${USER}`, name: USER }
  const first = await pages.open(address)
  await all('the first visit', [
    first.waitForFunction((rows) => bench.screen().size === rows, scale.keptRows),
  ])
  await first.evaluate(() => bench.leave())
  await first.close()
  return address
}

async function measure(
  { name }: Side,
  { scale }: WorkloadContext,
  pages: BrowserPages,
  shown: Address,
): Promise<Measurement> {
  const firstRow = await firstRowOf(await pages.open(shown), scale.keptRows)
  if (name === ALONE) return { [FIRST_ROW]: firstRow }
  const page = await pages.open()
  const times = await page.evaluate(timesOfStore, {
    name,
    rows: scale.keptRows,
    changed: scale.keptChanges,
    reads: READS,
    changes: CHANGES,
  })
  await page.close()
  const { found, ...figures } = times
  if (found.rows !== scale.keptRows || found.writes !== scale.keptWrites)
    throw new Error(`${found.rows} rows and ${found.writes} writes are kept`)
  return {
    [FIRST_ROW]: firstRow,
    [ROWS]: median(figures.rows),
    [CHANGE]: median(figures.changes),
    [WRITES]: median(figures.writes),
    ...(figures.again.length > 0 && {
      [ROOM_AGAIN]: median(figures.again.map(({ room }) => room)),
      [QUEUE_AGAIN]: median(figures.again.map(({ queue }) => queue)),
    }),
  }
}

const whenFirstRow = (page: Page): Promise<unknown> =>
  all('the first row', [page.waitForFunction(() => bench.screen().firstRowAt !== undefined)])

async function firstRowOf(page: Page, rows: number): Promise<number> {
  await whenFirstRow(page)
  const { size, firstRowAt = Number.NaN, source } = await page.evaluate(() => bench.screen())
  await page.evaluate(() => bench.leave())
  await page.close()
  if (size !== rows || source !== 'kept') throw new Error(`${size} rows were shown, from ${source}`)
  return firstRowAt
}

interface StoreTimes {
  readonly name: Side['name']
  readonly rows: number
  readonly changed: number
  readonly reads: number
  readonly changes: number
}

/** Runs in the page. */
async function timesOfStore({ name, rows, changed, reads, changes }: StoreTimes) {
  const { engine, recordARow, readAgain, rowsFrom, timed } = bench
  const store = name === 'product' ? engine : recordARow
  const times = {
    rows: [] as number[],
    writes: [] as number[],
    again: [] as { room: number; queue: number }[],
  }
  const found = { rows: 0, writes: 0 }
  const readRows = async () => {
    found.rows = await store.readRows('rows')
  }
  const readWrites = async () => {
    found.writes = await store.readWrites('writes')
  }
  for (let i = 0; i < reads; i++) {
    times.rows.push(await timed(readRows))
    times.writes.push(await timed(readWrites))
    if (name === 'product') times.again.push(await readAgain('rows'))
  }
  // Rows from all over, with contents that are not theirs yet.
  const all = rowsFrom(0, rows)
  const next = (n: number) =>
    Array.from({ length: changed }, (_, i) => {
      const { id } = all[(i * 97 + n * 13) % rows] ?? { id: '' }
      return { id, author: 'user-002', content: `${n} ${all[i]?.content}`, created_at: n }
    })
  const done = Array.from({ length: changes }, (_, n) => next(n))
  return { ...times, changes: await store.keepChanges('changes', done), found }
}

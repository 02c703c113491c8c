import type { Browser, BrowserContext } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { launchChromium } from '../support/chromium.ts'
import { createWorld, type World } from '../support/world.ts'
import { AppPages } from './app-pages.ts'
import { executed, writeDown } from './executed.ts'

const ROWS = 10_000

/** A busy machine takes its time. */
const PATIENT = { timeout: 20_000 }

let world: World
let browser: Browser
let pages: AppPages
let contexts: BrowserContext[] = []
beforeAll(async () => {
  ;[world, browser, pages] = await Promise.all([createWorld(), launchChromium(), AppPages.start()])
})
afterEach(async () => {
  for (const context of contexts) await context.close()
  contexts = []
})
afterAll(async () => {
  await browser?.close()
  await pages?.stop()
  await world?.stop()
})

const profile = async (): Promise<BrowserContext> => {
  const context = await browser.newContext()
  contexts.push(context)
  return context
}

test('ten thousand rows are on screen without a server; what two tabs do then arrives once, in order, from a third [J7, R6, R7]', async () => {
  const room = 'train'
  const options = { url: world.url(room), user: 'alice', room }
  await world.sql(
    room,
    `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${ROWS})
     INSERT INTO notes SELECT printf('n%05d', i), printf('n%05d', i), 'title ' || i FROM n`,
  )
  await writeDown(world, room)
  const device = await profile()
  const home = await pages.open(device, options)
  await expect.poll(() => home.evaluate(() => app.size()), { timeout: 30_000 }).toBe(ROWS)
  await expect.poll(() => home.evaluate(() => app.status()), PATIENT).toBe('connected')
  // What has arrived is kept a moment later.
  await expect.poll(() => home.evaluate(() => app.keptRows()), PATIENT).toBe(ROWS)
  await world.kill()
  await home.close()

  const one = await pages.open(device, options)
  await expect.poll(() => one.evaluate(() => app.size()), PATIENT).toBe(ROWS)
  console.log(`first of ${ROWS} kept rows ${await one.evaluate(() => app.firstRow())} ms after navigation`)
  const two = await pages.open(device, options)
  await expect.poll(() => two.evaluate(() => app.size()), PATIENT).toBe(ROWS)
  await one.evaluate(() => app.insert('new', 'from one'))
  await one.evaluate(() => app.update('n00001', 'edited by one'))
  await two.evaluate(() => app.remove('n00002'))
  await two.evaluate(() => app.update('n00003', 'edited by two'))
  await one.evaluate(() => app.update('new', 'again by one'))
  // What either does shows in the other.
  await expect
    .poll(() => two.evaluate(() => app.shown().filter((row) => / by /.test(row))), PATIENT)
    .toEqual(['n00001=edited by one', 'n00003=edited by two', 'new=again by one'])
  expect(await one.evaluate(() => app.size())).toBe(ROWS)
  await one.close()
  await two.close()

  const three = await pages.open(device, options)
  await expect.poll(() => three.evaluate(() => app.size()), PATIENT).toBe(ROWS)
  expect(await three.evaluate(() => app.pending())).toBe(5)
  await world.start()
  await expect.poll(() => three.evaluate(() => app.pending()), { timeout: 40_000 }).toBe(0)
  expect(await executed(world, room)).toEqual([
    'insert new',
    'update n00001',
    'delete n00002',
    'update n00003',
    'update new',
  ])
  const other = await pages.open(await profile(), options)
  await expect.poll(() => other.evaluate(() => app.size()), { timeout: 30_000 }).toBe(ROWS)
  expect(await other.evaluate(() => app.shown())).toEqual(await three.evaluate(() => app.shown()))
  expect(await three.evaluate(() => app.complaints())).toEqual([])
})

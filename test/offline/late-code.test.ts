import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { launchChromium } from '../support/chromium.ts'
import { createWorld, type World } from '../support/world.ts'
import { DividedPages } from './divided-pages.ts'

const PATIENT = { timeout: 30_000 }

let world: World
let browser: Browser
let pages: DividedPages
let context: BrowserContext
beforeAll(async () => {
  ;[world, browser, pages] = await Promise.all([createWorld(), launchChromium(), DividedPages.start()])
})
afterEach(() => context?.close())
afterAll(async () => {
  await browser?.close()
  await pages?.stop()
  await world?.stop()
})

/** A page of a device, with a storage or without, over two rows; one of them is what the filters look for. */
async function open(room: string, storage: 'storage' | 'none'): Promise<Page> {
  const user = storage === 'storage' ? { user: 'alice' } : {}
  const page = await pages.open(context, { url: world.url(room), room, ...user })
  await page.evaluate(() => divided.openOthers('x'))
  return page
}

async function newDevice(room: string): Promise<void> {
  context = await browser.newContext()
  await world.sql(room, `INSERT INTO notes VALUES ('a', 'a', 'x'), ('b', 'b', 'y')`)
}

const shows = (page: Page, ...rows: readonly string[]) =>
  expect.poll(() => page.evaluate(() => divided.shown()), PATIENT).toEqual(rows)
const heard = (page: Page) => page.evaluate(() => divided.heard)
const arrived = async (room: string) => (await world.rows(room, 'notes')).map(({ id }) => id)

test.each([
  ['filters', 'itself', 'compiled-filter', 'none'],
  ['collections on demand', 'itself', 'subset-manager', 'none'],
  ['collections on demand', 'what it imports', 'subset-manager', 'none'],
  ['a storage', 'itself', 'open-device', 'storage'],
  ['a storage', 'what it imports', 'open-device', 'storage'],
] as const)(
  'code for %s that the server refuses once, %s, is fetched again by the same page, which has said so',
  async (_, which, source, storage) => {
    const room = `once-${source}-${which.length}`
    await newDevice(room)
    const own = pages.fileOf(source)
    const file = which === 'itself' ? own : pages.importOf(own)
    pages.refuse(file, 1)
    const page = await open(room, storage)
    // It settles before there is the code of a storage, too.
    await page.evaluate(() => divided.insert('new', 'x'))
    await shows(page, 'a,b,new', 'a,new', 'a,new')
    if (storage === 'storage')
      await expect.poll(() => page.evaluate(() => divided.health()), PATIENT).toBe('durable')
    expect(pages.asked(file)).toBe(2)
    const codes = new Set(await heard(page))
    // The code for tabs imports it as well, and may be the only one that was refused: then the page speaks for itself.
    const isAlone = storage === 'storage' && (await page.evaluate(() => divided.role())) === 'alone'
    expect([...codes]).toEqual(isAlone && codes.size === 0 ? [] : ['code-not-loaded'])
    await expect.poll(() => page.evaluate(() => divided.pending()), PATIENT).toBe(0)
    expect(await arrived(room)).toEqual(['a', 'b', 'new'])
  },
)

test('code for other tabs that the server refuses leaves a tab alone, which shows and sends all the same; the next page has it', async () => {
  await newDevice('tabs')
  pages.refuse(pages.fileOf('room-tabs'), 1)
  const page = await open('tabs', 'storage')
  await page.evaluate(() => divided.insert('new', 'x'))
  await shows(page, 'a,b,new', 'a,new', 'a,new')
  expect(await page.evaluate(() => divided.role())).toBe('alone')
  await expect.poll(() => page.evaluate(() => divided.pending()), PATIENT).toBe(0)
  await page.close()
  const next = await open('tabs', 'storage')
  await expect.poll(() => next.evaluate(() => divided.role()), PATIENT).toBe('leader')
})

test('where code is refused for as long as a page lives, the rest of it works, nothing that is written is lost, and the next page has all', async () => {
  await newDevice('never')
  pages.refuse(pages.fileOf('compiled-filter'), Number.POSITIVE_INFINITY)
  const page = await open('never', 'none')
  await page.evaluate(() => divided.insert('new', 'x'))
  await expect.poll(() => pages.asked(pages.fileOf('compiled-filter')), PATIENT).toBeGreaterThan(2)
  await shows(page, 'a,b,new', '', '')
  expect(await heard(page)).toContain('code-not-loaded')
  expect(await arrived('never')).toEqual(['a', 'b', 'new'])
  await page.close()
  pages.refuse(pages.fileOf('compiled-filter'), 0)
  await shows(await open('never', 'none'), 'a,b,new', 'a,new', 'a,new')
})

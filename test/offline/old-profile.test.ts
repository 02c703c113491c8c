import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { KillableChromium } from '../storage/killable-chromium.ts'
import { createWorld, type World } from '../support/world.ts'
import { AppPages } from './app-pages.ts'
import { executed, writeDown } from './executed.ts'

/** A busy machine takes its time. */
const PATIENT = { timeout: 40_000 }

let world: World
let pages: AppPages
let directory: string
beforeAll(async () => {
  ;[world, pages] = await Promise.all([createWorld(), AppPages.start()])
  directory = await mkdtemp(join(tmpdir(), 'old-'))
})
afterAll(async () => {
  await pages?.stop()
  await world?.stop()
  await rm(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
})

/** Does something in a page on a profile. */
async function withPage(profile: string, room: string, work: (page: Page) => Promise<void>): Promise<void> {
  const browser = await KillableChromium.launch(profile)
  try {
    const page = await pages.open(browser.context, { url: world.url(room), user: 'alice', room })
    await expect.poll(() => page.evaluate(() => app.size()), PATIENT).toBeGreaterThan(0)
    await work(page)
  } finally {
    await browser.quit()
  }
}

const settled = (page: Page) => expect.poll(() => page.evaluate(() => app.pending()), PATIENT).toBe(0)

test('a device that has lost its latest transactions loses no write that is made then, and repeats none of those that it had sent [R6, R7]', async () => {
  const room = 'older'
  const [profile, older] = [join(directory, 'profile'), join(directory, 'older')]
  await world.sql(room, `INSERT INTO notes VALUES ('first', 'first', 'first')`)
  await writeDown(world, room)
  await withPage(profile, room, async (page) => {
    await page.evaluate(() => app.insert('a', 'a'))
    await settled(page)
  })
  await world.kill()
  await withPage(profile, room, (page) => page.evaluate(() => app.insert('b', 'b')))
  // As if nothing of what comes next had reached the disk when the power went.
  await cp(profile, older, { recursive: true, filter: (name) => !/Singleton/.test(name) })
  await world.start()
  await withPage(profile, room, async (page) => {
    await page.evaluate(() => app.insert('c', 'c'))
    await page.evaluate(() => app.update('b', 'b2'))
    await settled(page)
  })
  await world.sql(room, `INSERT INTO notes VALUES ('remote', 'remote', 'remote')`)

  await withPage(older, room, async (page) => {
    await page.evaluate(() => app.insert('d', 'd'))
    await page.evaluate(() => app.update('a', 'a2'))
    await settled(page)
    const notes = ['a=a2', 'b=b2', 'c=c', 'd=d', 'first=first', 'remote=remote']
    await expect.poll(() => page.evaluate(() => app.shown()), PATIENT).toEqual(notes)
    expect(await page.evaluate(() => app.failed())).toEqual([])
    expect(await page.evaluate(() => app.complaints())).toEqual([])
  })
  expect(await executed(world, room)).toEqual([
    ...['insert a', 'insert b', 'insert c', 'update b'],
    ...['insert remote', 'insert d', 'update a'],
  ])
})

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { KillableChromium } from '../storage/killable-chromium.ts'
import { createWorld, type World } from '../support/world.ts'
import { AppPages } from './app-pages.ts'
import { executed, writeDown } from './executed.ts'

const ROUNDS = process.env.DURABLE_SYNC_SOAK === '1' ? 20 : 2
const MOST_MS = 1500

/** A busy machine takes its time. */
const PATIENT = { timeout: 20_000 }

let world: World
let pages: AppPages
let profile: string
let browser: KillableChromium | undefined
beforeAll(async () => {
  ;[world, pages] = await Promise.all([createWorld(), AppPages.start()])
  profile = await mkdtemp(join(tmpdir(), 'killed-'))
})
afterAll(async () => {
  await browser?.kill()
  await pages?.stop()
  await world?.stop()
  await rm(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
})

test(
  'a browser that is killed at any moment loses no write that was kept, and doubles none [R6, R7]',
  async () => {
    const room = 'killed'
    const options = { url: world.url(room), user: 'alice', room }
    await world.sql(room, `INSERT INTO notes VALUES ('first', 'first', 'first')`)
    await writeDown(world, room)
    const kept: string[] = []
    let deleted = 0
    for (let round = 0; round < ROUNDS; round++) {
      // In every other round the server is there, so that sending is cut off too.
      const isOnline = round % 2 === 1
      browser = await KillableChromium.launch(profile)
      const page = await pages.open(browser.context, options)
      await expect.poll(() => page.evaluate(() => app.size()), PATIENT).toBeGreaterThan(0)
      await expect.poll(() => page.evaluate(() => app.pending()), { timeout: 30_000 }).toBe(0)
      if (!isOnline) await world.kill()
      await page.exposeFunction('kept', (id: string) => kept.push(id))
      const name = `r${String(round).padStart(2, '0')}`
      page.evaluate((prefix) => app.writeTelling(prefix), name).catch(() => {})
      await expect.poll(() => kept.filter((id) => id.startsWith(name)).length, PATIENT).toBeGreaterThan(2)
      await new Promise((resolve) => setTimeout(resolve, Math.random() * MOST_MS))
      await browser.kill()
      if (!isOnline) await world.start()

      browser = await KillableChromium.launch(profile)
      const after = await pages.open(browser.context, options)
      // What is kept has been read when rows are shown: before that nothing seems to be pending.
      await expect.poll(() => after.evaluate(() => app.size()), PATIENT).toBeGreaterThan(0)
      await expect.poll(() => after.evaluate(() => app.pending()), { timeout: 30_000 }).toBe(0)
      await expect.poll(() => after.evaluate(() => app.status()), { timeout: 30_000 }).toBe('connected')
      const ran = await executed(world, room)
      expect(ran.length).toBe(new Set(ran).size)
      if (browser.hasDeletedStorage) {
        deleted++
        await browser.kill()
        console.log(`round ${round}: Chromium deleted its database`)
        continue
      }
      // The last one may have been kept without anybody being told.
      const own = ran.filter((line) => line.startsWith(`insert ${name}`)).map((line) => line.slice(7))
      const told = kept.filter((id) => id.startsWith(name))
      expect(own.slice(0, told.length)).toEqual(told)
      expect(own.length - told.length).toBeLessThanOrEqual(1)
      const stored = await world.rows(room, 'notes')
      await expect.poll(() => after.evaluate(() => app.size()), PATIENT).toBe(stored.length)
      await browser.kill()
      console.log(`round ${round}: killed after ${told.length} kept writes, ${own.length} arrived`)
    }
    expect(deleted).toBeLessThan(ROUNDS)
  },
  45_000 * ROUNDS,
)

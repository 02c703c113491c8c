import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { FRAMEWORKS, quickStartOf } from '../documents/quick-start-of.ts'
import { bundleWorker, createFreshApp, type FreshApp } from '../packages/fresh-app.ts'
import { pack } from '../packages/pack.ts'
import { serveApp } from '../packages/served-app.ts'
import { launchChromium } from '../support/chromium.ts'
import { startWorker } from '../support/workerd.ts'

/** A registry that answers, on a machine that has other things to do. */
const INSTALL_MS = 300_000

const folder = mkdtempSync(join(tmpdir(), 'fresh-'))
const tarballs = join(folder, 'tarballs')
const apps: FreshApp[] = []
const cleanups: (() => Promise<void>)[] = []
let browser: Browser

beforeAll(async () => {
  mkdirSync(tarballs)
  pack(['core', 'server', ...FRAMEWORKS.map((name) => `adapters/${name}`)], tarballs)
  browser = await launchChromium()
}, INSTALL_MS)
afterAll(async () => {
  await browser?.close()
  for (const cleanup of cleanups.reverse()) await cleanup()
  rmSync(folder, { recursive: true, force: true })
})

test('the quick starts have the same object and Worker, so that their pages can be in one room', () => {
  const workers = FRAMEWORKS.map((framework) => quickStartOf(framework).files.get('worker.ts'))
  expect(new Set(workers)).toEqual(new Set([expect.stringContaining('extends SyncDurableObject')]))
})

test.each(FRAMEWORKS)(
  'the quick start of %s, followed to the letter with packed packages in a fresh app, type-checks and builds [K3]',
  async (framework) => {
    const beside = join(folder, framework)
    mkdirSync(beside)
    symlinkSync(tarballs, join(beside, 'tarballs'))
    const app = await createFreshApp(framework, beside)
    apps.push(app)
    const { install, build } = app.seconds
    console.log(
      `${framework}: made and installed in ${install.toFixed(1)} s, checked and built in ${build.toFixed(1)} s`,
    )
  },
  INSTALL_MS,
)

/** What a page says of itself when something is wrong. */
const complaints: string[] = []

async function open(app: FreshApp, workerPort: number): Promise<Page> {
  const served = await serveApp(app.dist, workerPort)
  cleanups.push(served.stop)
  const page = await (await browser.newContext()).newPage()
  page.on('pageerror', (error) => complaints.push(`${app.framework}: ${error.message}`))
  await page.goto(served.url)
  return page
}

const lines = (page: Page) => page.locator('p').allTextContents()

test(
  'what the page of each says is on the page of each other, in one order [K3]',
  async () => {
    expect(apps.map(({ framework }) => framework)).toEqual(FRAMEWORKS)
    const [first] = apps as [FreshApp]
    const worker = await startWorker({ script: await bundleWorker(first), objects: first.objects })
    cleanups.push(worker.stop)
    const pages: Page[] = []
    for (const app of apps) pages.push(await open(app, worker.port))
    const said: string[] = []
    for (const [i, page] of pages.entries()) {
      said.push(`${FRAMEWORKS[i]} is here`)
      await page.getByPlaceholder('Say something').fill(said[i] ?? '')
      await page.keyboard.press('Enter')
      for (const other of pages) await expect.poll(() => lines(other), { timeout: 60_000 }).toEqual(said)
    }
    expect(complaints).toEqual([])
  },
  INSTALL_MS,
)

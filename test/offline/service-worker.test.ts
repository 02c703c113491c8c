import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { readDocument } from '../documents/code-blocks.ts'
import { launchChromium } from '../support/chromium.ts'
import { AppVersions } from './app-versions.ts'

/** As an app pastes it. */
const serviceWorker = /^```js\n(\/\/ public\/sw\.js\n[\s\S]*?)^```$/m.exec(readDocument('README.md'))?.[1]

let browser: Browser
let app: AppVersions
let context: BrowserContext
let page: Page
beforeAll(async () => {
  browser = await launchChromium()
})
beforeEach(async () => {
  app = await AppVersions.start(serviceWorker ?? '')
  context = await browser.newContext()
  page = await context.newPage()
  await page.goto(app.url)
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined))
})
afterEach(async () => {
  await context?.close()
  app?.stop()
})
afterAll(() => browser?.close())

const shown = (): Promise<string | null> => page.textContent('p')
const more = (): Promise<string> => page.evaluate('more()')
/** The document is kept last. */
const kept = (version: number) =>
  expect
    .poll(() => page.evaluate(() => caches.match('/').then((answer) => answer?.text() ?? '')))
    .toContain(`index-${version}.js`)
const answered = () => page.waitForTimeout(500)

async function withoutNetwork(what: () => Promise<void>): Promise<void> {
  await context.setOffline(true)
  await page.goto(app.url)
  await what()
  await context.setOffline(false)
}

test('the service worker of README.md keeps the whole of the app, also what the page has not loaded yet', () =>
  withoutNetwork(async () => {
    expect(await shown()).toBe('version 1')
    expect(await more()).toBe('more of 1')
  }))

test('the service worker of README.md keeps the whole of a new version after one visit', async () => {
  app.deploy(2)
  await page.goto(app.url)
  await kept(2)
  await withoutNetwork(async () => {
    expect(await shown()).toBe('version 2')
    expect(await more()).toBe('more of 2')
  })
})

test('the service worker of README.md stays with the version it has when the line breaks after the document of a new one', async () => {
  app.deploy(2)
  app.breaksAfterDocument = true
  await page.goto(app.url)
  await answered()
  await withoutNetwork(async () => {
    expect(await shown()).toBe('version 1')
    expect(await more()).toBe('more of 1')
  })
})

test.each([
  ['a page to sign in', '', true],
  ['a picture', 'picture.svg', false],
] as const)('the service worker of README.md does not take %s for the app', async (_, path, asksToSignIn) => {
  app.asksToSignIn = asksToSignIn
  await page.goto(app.url + path)
  await answered()
  await withoutNetwork(async () => expect(await shown()).toBe('version 1'))
})

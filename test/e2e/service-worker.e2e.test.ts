import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser, BrowserContext } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { launchChromium } from '../support/chromium.ts'
import { startProxy, type TcpProxy } from '../support/proxy.ts'
import { ChatWindow } from './chat-window.ts'
import { PlaygroundServer } from './playground-server.ts'

let server: PlaygroundServer
let browser: Browser
let site: TcpProxy
let context: BrowserContext | undefined
beforeAll(async () => {
  ;[server, browser] = await Promise.all([PlaygroundServer.create(), launchChromium()])
  site = await startProxy(() => server.port)
})
afterEach(async () => {
  await context?.close()
  site.mend()
})
afterAll(async () => {
  await browser?.close()
  await site?.stop()
  await server?.stop()
})

async function open(room: string): Promise<ChatWindow> {
  context = await browser.newContext()
  const window = await ChatWindow.open(context, `http://127.0.0.1:${site.port}/`, room)
  await window.becomes('connected')
  await window.keepsPage()
  return window
}

const caches = ({ page }: ChatWindow): Promise<string[]> => page.evaluate(() => window.caches.keys())

/** Whether the document says that it is the second version. */
const isSecond = async ({ page }: ChatWindow) => (await page.locator('meta[name=second]').count()) === 1

test('every page of the playground opens without a server, also those that were never visited', async () => {
  const { page } = await open('pages')
  site.down()
  const origin = `http://127.0.0.1:${site.port}`
  for (const path of ['/board?room=pages', '/items?room=pages', '/chat?room=another']) {
    await page.goto(origin + path)
    await page.getByTestId('status').waitFor()
  }
  for (const path of [
    '/',
    '/joined',
    '/react/chat',
    '/vue/board',
    '/solid/items',
    '/svelte/chat?room=another',
  ]) {
    await page.goto(origin + path)
    await page.locator('main').waitFor()
  }
  await page.goto(`${origin}/source/src/svelte/Chat.svelte`)
  await page.getByText('useSyncedCollection').first().waitFor()
})

test('what is not the page itself is not answered by the service worker', async () => {
  const { page } = await open('passed')
  const status = (path: string) =>
    page.evaluate(
      (to) =>
        fetch(to).then(
          (answer) => answer.status,
          () => 'nobody',
        ),
      path,
    )
  expect(await status('/sync/passed?user=me')).toBe(426)
  expect(await status('/healthz')).toBe(200)
  site.down()
  expect(await status('/sync/passed?user=me')).toBe('nobody')
  expect(await status('/healthz')).toBe('nobody')
})

test('a new version is shown by the next load, is the one that is kept from then on, and the old one is forgotten', async () => {
  const window = await open('versions')
  const [old] = await caches(window)
  const built = join(server.data, 'page')
  const document = await readFile(join(built, 'app.html'), 'utf8')
  const worker = await readFile(join(built, 'service-worker.js'), 'utf8')
  await writeFile(join(built, 'app.html'), document.replace('<head>', '<head><meta name="second">'))
  expect(await isSecond(window)).toBe(false)
  await window.reload()
  expect(await isSecond(window)).toBe(true)

  await writeFile(join(built, 'service-worker.js'), worker.replace(/version: "\w+"/, 'version: "second"'))
  await window.reload()
  // Chromium looks for a new one a while after the page was loaded.
  await expect.poll(() => caches(window), { timeout: 20_000 }).toEqual([old?.replace(/\w+$/, 'second')])
  site.down()
  await window.reload()
  expect(await isSecond(window)).toBe(true)
})

test('a server that answers with an error, or not at all, does not take the page away', async () => {
  const window = await open('broken')
  await window.say('hello')
  await window.settles()
  const document = join(server.data, 'page', 'app.html')
  await rename(document, `${document}.gone`)
  await window.reload()
  await rename(`${document}.gone`, document)
  await window.shows('hello')
  site.hang()
  await window.reload()
  await window.shows('hello')
  site.mend()
  await window.becomes('connected')
})

import { readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sourceCondition } from '../../vite.shared.ts'
import { launchChromium } from '../support/chromium.ts'

let browser: Browser
let site: Server
let origin = ''
let axe = ''

/** Pages that a strict content policy protects: no style and no script but those of files. */
const PAGE = `<!doctype html><html lang="en"><title>Devtools</title><meta name="viewport" content="width=device-width">
  <link rel="stylesheet" href="/page.css"><main><h1>Devtools</h1><h2>Lab</h2></main><script type="module" src="/page.js"></script></html>`

beforeAll(async () => {
  const [{ outputFiles }, chromium, axeText] = await Promise.all([
    build({
      entryPoints: [fileURLToPath(new URL('devtools-page.ts', import.meta.url))],
      bundle: true,
      write: false,
      format: 'esm',
      conditions: [sourceCondition],
      define: { 'process.env.NODE_ENV': '"development"' },
    }),
    launchChromium(),
    readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8'),
  ])
  browser = chromium
  axe = axeText
  const files: Record<string, readonly [type: string, text: string]> = {
    '/': ['text/html', PAGE],
    '/page.js': ['text/javascript', outputFiles[0]?.text ?? ''],
    '/page.css': ['text/css', ':root { color-scheme: light dark } body { margin: 0 }'],
  }
  site = createServer((request, response) => {
    const [type, text] = files[request.url ?? ''] ?? ['text/plain', '']
    response
      .setHeader('content-security-policy', "default-src 'self'")
      .setHeader('content-type', type)
      .end(text)
  })
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve))
  origin = `http://127.0.0.1:${(site.address() as AddressInfo).port}`
})

afterAll(async () => {
  await browser?.close()
  site?.close()
})

async function open(width: number, colorScheme: 'light' | 'dark'): Promise<Page> {
  const page = await browser.newPage({ viewport: { width, height: 800 }, colorScheme })
  await page.goto(origin)
  await page.waitForFunction(() => document.title === 'ready')
  await page.getByText('insert tasks held').first().waitFor()
  return page
}

/** What axe finds, in the panel's shadow root too. */
async function findings(page: Page): Promise<string[]> {
  await page.evaluate(axe)
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> }
    }
    const { violations } = await axe.run()
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)
  })
}

const backgroundOf = (page: Page) =>
  page
    .getByRole('region', { name: 'Sync panel' })
    .evaluate((panel) => getComputedStyle(panel).backgroundColor)

test.each([
  [320, 'light', 'rgb(255, 255, 255)'],
  [320, 'dark', 'rgb(20, 23, 27)'],
  [1200, 'dark', 'rgb(20, 23, 27)'],
] as const)(
  'under a strict content policy the panel is dressed, accessible and not too wide: %i px, %s',
  async (width, scheme, background) => {
    const page = await open(width, scheme)
    const [violation, scrolls] = await page.evaluate(() => [
      document.documentElement.dataset.violation,
      document.documentElement.scrollWidth,
    ])
    expect([violation, scrolls]).toEqual([undefined, width])
    expect(await backgroundOf(page)).toBe(background)
    expect(await findings(page)).toEqual([])
    await page.close()
  },
)

test('by keyboard a frame is unfolded and a failed write discarded, and taking the panel away leaves nothing', async () => {
  const page = await open(600, 'light')
  const [frame] = await page.locator('summary').all()
  await frame?.focus()
  await page.keyboard.press('Enter')
  await page.getByText('"type": "push"').waitFor()
  await page.getByRole('button', { name: 'Discard: insert tasks refused' }).focus()
  await page.keyboard.press('Enter')
  const heading = page.getByRole('heading', { name: 'Failed writes 0' })
  await heading.waitFor()
  // The focus has not fallen out of the panel with the button.
  expect(await heading.evaluate((node) => node.matches(':focus'))).toBe(true)
  await page.evaluate(() => dispatchEvent(new Event('leave')))
  expect(await page.locator('main > div').innerHTML()).toBe('')
  await page.close()
})

import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { launchChromium } from '../support/chromium.ts'
import { seriousFindings } from './axe.ts'
import { FRAMEWORKS, type Framework, LabPane } from './lab-pane.ts'
import { PlaygroundServer } from './playground-server.ts'

const PAGES = ['chat', 'board', 'items'] as const
/** Every document, in every shape that it has. */
const ADDRESSES = [
  '',
  'joined',
  ...PAGES,
  ...FRAMEWORKS.flatMap((framework) => PAGES.map((page) => `${framework}/${page}`)),
]
const PATIENCE = { timeout: 30_000 }

let server: PlaygroundServer
let browser: Browser
let contexts: BrowserContext[] = []
const complaints: string[] = []
beforeAll(async () => {
  ;[server, browser] = await Promise.all([PlaygroundServer.create(), launchChromium()])
})
afterEach(async () => {
  for (const context of contexts) await context.close()
  contexts = []
  expect(complaints.splice(0)).toEqual([])
})
afterAll(async () => {
  await browser?.close()
  await server?.stop()
})

async function person(options?: Parameters<Browser['newContext']>[0]): Promise<BrowserContext> {
  // Nothing here is about pages that are kept, and keeping them takes time.
  const context = await browser.newContext({ serviceWorkers: 'block', ...options })
  contexts.push(context)
  context.on('page', (page) => page.on('pageerror', (error) => complaints.push(String(error.stack))))
  return context
}

async function home(room: string): Promise<Page> {
  const page = await (await person({ viewport: { width: 1600, height: 1000 } })).newPage()
  await page.goto(`${server.url}?room=${room}`)
  return page
}

const paneIn = (page: Page, framework: Framework) =>
  new LabPane(page.frameLocator(`[data-testid=pane-${framework}]`))

/** What the room has counted, in all. */
async function totals(page: Page): Promise<Record<string, number>> {
  const cells = page.getByTestId('ledger').locator('tfoot td')
  return cells.evaluateAll((shown) =>
    Object.fromEntries(shown.map((cell) => [cell.getAttribute('data-count'), Number(cell.textContent)])),
  )
}

test('a message from each pane shows in all four, a refused one in none, and the room counts all of them', async () => {
  const page = await home('together')
  await page.getByTestId('bot-switch').click()
  const panes = FRAMEWORKS.map((framework) => paneIn(page, framework))
  for (const [i, pane] of panes.entries()) await pane.say(`hello from ${FRAMEWORKS[i]}`)
  for (const pane of panes) for (const framework of FRAMEWORKS) await pane.shows(`hello from ${framework}`)

  const [, vue] = panes as [LabPane, LabPane]
  await vue.openLab()
  await vue.press('refuse')
  await vue.hears('The server will refuse the next write, once.')
  await vue.write('not this one')
  await vue.is({ refused: 1, pending: 0 })
  await expect.poll(() => totals(page), PATIENCE).toMatchObject({ refused: 1, lost: 0, doubled: 0 })
  const { written = 0, applied } = await totals(page)
  expect(applied).toBe(written - 1)
  expect(written).toBeGreaterThanOrEqual(FRAMEWORKS.length + 1)
})

test('each framework in a browser of its own goes offline, writes, reloads and comes back: all are equal, nothing is lost or doubled', async () => {
  const room = 'apart'
  const panes = await Promise.all(
    FRAMEWORKS.map(async (framework) =>
      LabPane.open(await person(), `${server.url}${framework}/chat?room=${room}`),
    ),
  )
  const away = async (pane: LabPane, name: string) => {
    await pane.is({ state: 'connected' })
    await pane.openLab()
    await pane.press('offline')
    await pane.say(`${name} is away`)
    await pane.say(`${name} is still away`)
    await pane.keepsWrites()
    await pane.reload()
    await pane.unsent(2)
  }
  await Promise.all(panes.map((pane, i) => away(pane, FRAMEWORKS[i] ?? '')))
  for (const pane of panes) {
    await pane.openLab()
    await pane.press('offline')
  }
  for (const pane of panes) {
    await pane.is({ state: 'connected', pending: 0 })
    for (const framework of FRAMEWORKS) await pane.shows(`${framework} is still away`)
  }
  const [first, ...others] = await Promise.all(panes.map((pane) => pane.messages()))
  expect(first).toHaveLength(2 * FRAMEWORKS.length)
  for (const other of others) expect(other).toEqual(first)

  const page = await home(room)
  await expect
    .poll(() => totals(page), PATIENCE)
    .toMatchObject({ written: expect.any(Number), refused: 0, lost: 0, doubled: 0 })
  for (const framework of FRAMEWORKS) {
    const row = page.locator(`[data-testid=ledger-row][data-id^=lab-${framework}-1-]`)
    await row.waitFor()
    expect(await row.locator('[data-count=applied]').innerText()).toBe('2')
  }
})

test('sockets that are killed and an object that is restarted while somebody writes lose and double nothing', async () => {
  const pane = await LabPane.open(await person(), `${server.url}solid/chat?room=hard`)
  await pane.is({ state: 'connected' })
  await pane.openLab()
  for (const fault of ['kill', 'restart', 'kill', 'restart'] as const) {
    await pane.say(`before ${fault} ${await pane.count()}`)
    await pane.press(fault)
    await pane.say(`after ${fault} ${await pane.count()}`)
    await pane.is({ state: 'connected' })
  }
  await pane.is({ pending: 0 })
  const page = await home('hard')
  const row = page.locator('[data-testid=ledger-row][data-id^=lab-solid-1-]')
  await row.waitFor()
  const counts = ['written', 'applied', 'refused', 'lost', 'doubled']
  expect(await Promise.all(counts.map((count) => row.locator(`[data-count=${count}]`).innerText()))).toEqual([
    '8',
    '8',
    '0',
    '0',
    '0',
  ])
})

test('messages of a room and notes of a desk are in one list', async () => {
  const context = await person()
  const pane = await LabPane.open(context, `${server.url}react/chat?room=desk`)
  await pane.say('keep this')
  await pane.say('and not this')
  await pane.is({ pending: 0, state: 'connected' })
  const page = await context.newPage()
  await page.goto(`${server.url}joined?room=desk`)
  await page.getByRole('button', { name: 'Star: keep this' }).click()
  const note = page.getByTestId('starred').getByLabel('Note on: keep this')
  await note.fill('for later')
  await note.press('Enter')
  await page.locator('[data-testid=lab-state][data-unkept="0"]').waitFor({ state: 'attached' })
  await page.reload()
  expect(await note.inputValue()).toBe('for later')
  expect(await page.getByTestId('starred').count()).toBe(1)
})

test('the source of every pane can be read', async () => {
  const page = await home('source')
  for (const kind of PAGES) {
    await page
      .getByRole('navigation', { name: 'What the panes show' })
      .getByText(kind, { exact: false })
      .click()
    for (const framework of FRAMEWORKS) {
      const link = page.getByTestId(`source-${framework}`)
      await link.filter({ hasText: new RegExp(kind, 'i') }).waitFor()
      const answer = await page.request.get(new URL(String(await link.getAttribute('href')), server.url).href)
      expect(answer.status()).toBe(200)
      expect(answer.headers()['content-type']).toContain('text/plain')
    }
  }
})

test('no page is wider than the smallest phone, however long the name of its room is', {
  timeout: 120_000,
}, async () => {
  const page = await (await person({ viewport: { width: 320, height: 640 } })).newPage()
  for (const address of ADDRESSES) {
    await page.goto(`${server.url}${address}?room=${'wide-'.repeat(8)}`)
    await page.locator('main').waitFor()
    await page.waitForFunction(() => document.querySelector('[data-state=connected], [data-testid=claim]'))
    if (address === 'items') await page.getByRole('link', { name: /Cheese/ }).click()
    const width = await page.evaluate(() => document.documentElement.scrollWidth)
    expect(width, `/${address} at 320 px`).toBe(320)
  }
})

test('axe finds nothing serious on any page, light or dark, and none is wider than a phone', {
  timeout: 120_000,
}, async () => {
  const page = await (await person({ viewport: { width: 360, height: 740 } })).newPage()
  for (const address of ADDRESSES) {
    await page.emulateMedia({ colorScheme: 'light' })
    await page.goto(`${server.url}${address}?room=looks`)
    await page.locator('main').waitFor()
    await page.waitForFunction(() => document.querySelector('[data-state=connected], [data-testid=claim]'))
    if (address === 'react/chat') await new LabPane(page).openLab()
    const width = await page.evaluate(() => document.documentElement.scrollWidth)
    expect(width, `/${address} at 360 px`).toBe(360)
    expect(await seriousFindings(page), `/${address}, light`).toEqual([])
    await page.emulateMedia({ colorScheme: 'dark' })
    expect(await seriousFindings(page, 'colors'), `/${address}, dark`).toEqual([])
  }
})

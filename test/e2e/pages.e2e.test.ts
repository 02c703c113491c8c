import type { Browser, BrowserContext, Locator, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { launchChromium } from '../support/chromium.ts'
import { FRAMEWORKS, type Framework, LabPane } from './lab-pane.ts'
import { PlaygroundServer } from './playground-server.ts'

const PATIENCE = { timeout: 30_000 }
/** Four browsers at once are slow on a busy machine. */
const SLOWLY = { timeout: 180_000 }
const PAGE_SIZE = 50
/** Chromium's own lines about a server that is not there. No page can keep them from being written. */
const NETWORK = /^(WebSocket connection to .* failed|Failed to load resource)/

/** One page in one framework, in a browser of its own. */
interface Pane {
  readonly framework: Framework
  readonly context: BrowserContext
  readonly page: Page
  readonly lab: LabPane
}

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

/** The same page of the same room in all four frameworks. */
const open = (what: 'chat' | 'board' | 'items'): Promise<Pane[]> =>
  Promise.all(
    FRAMEWORKS.map(async (framework) => {
      const context = await browser.newContext({ viewport: { width: 480, height: 700 } })
      contexts.push(context)
      const page = await context.newPage()
      const complain = (text: string) => complaints.push(`${framework}: ${text}`)
      page.on('pageerror', (error) => complain(error.stack ?? error.message))
      page.on('console', (message) => {
        if (['error', 'warning'].includes(message.type()) && !NETWORK.test(message.text()))
          complain(message.text())
      })
      await page.goto(`${server.url}${framework}/${what}?room=pages`)
      await page
        .locator('[data-testid=status][data-state=connected]')
        .waitFor({ state: 'attached', ...PATIENCE })
      return { framework, context, page, lab: new LabPane(page) }
    }),
  )

/** Does the same in all of them at once; what is said of a failure begins with the framework. */
const inEach = (
  panes: readonly Pane[],
  act: (pane: Pane, index: number) => Promise<void>,
): Promise<unknown> =>
  Promise.all(
    panes.map(async (pane, index) => {
      try {
        await act(pane, index)
      } catch (error) {
        throw new Error(`${pane.framework}: ${String(error)}`, { cause: error })
      }
    }),
  )

/** Writes without a connection, loads the page again without one, and comes back. */
async function awayAndBack(
  { context, page, lab }: Pane,
  write: () => Promise<unknown>,
  isThere: () => Promise<unknown>,
) {
  await page.evaluate(async () => void (await navigator.serviceWorker.ready))
  await context.setOffline(true)
  await write()
  await lab.is({ pending: 1 })
  await lab.keepsWrites()
  await page.reload()
  await lab.is({ pending: 1 })
  await isThere()
  await context.setOffline(false)
  await lab.is({ state: 'connected', pending: 0, refused: 0 })
}

const message = (page: Page, content: string): Locator =>
  page.getByTestId('message').filter({ has: page.getByText(content, { exact: true }) })
const words = (page: Page) => page.getByTestId('message').locator('.words').allInnerTexts()

test(
  'chat: what is written in one framework is read in all, also what was written away and loaded again',
  SLOWLY,
  async () => {
    const panes = await open('chat')
    await inEach(panes, async ({ page, lab, framework }) => {
      await lab.say(`hello from ${framework}`)
      expect(await page.getByTestId('composer').inputValue()).toBe('')
      const mine = message(page, `hello from ${framework}`)
      expect(await mine.getAttribute('class')).toContain('mine')
      for (const other of FRAMEWORKS) await lab.shows(`hello from ${other}`)
      const theirs = message(page, `hello from ${framework === 'vue' ? 'solid' : 'vue'}`)
      expect(await theirs.locator('.name').innerText()).toMatch(framework === 'vue' ? /^Solid / : /^Vue /)
      expect(await theirs.getAttribute('class')).not.toContain('mine')
    })
    await inEach(panes, async (pane) => {
      const { page, lab, framework } = pane
      const content = `${framework} was away`
      const isWaiting = () => message(page, content).getByText('Not sent yet').waitFor(PATIENCE)
      await awayAndBack(pane, () => lab.say(content).then(isWaiting), isWaiting)
      for (const other of FRAMEWORKS) await lab.shows(`${other} was away`)
      await expect.poll(() => page.getByText('Not sent yet').count(), PATIENCE).toBe(0)
    })
    const [first, ...others] = await Promise.all(panes.map(({ page }) => words(page)))
    expect(first).toHaveLength(2 * FRAMEWORKS.length)
    for (const other of others) expect(other).toEqual(first)
  },
)

test('chat: a refused message says why, and is tried again or discarded', SLOWLY, async () => {
  await inEach(await open('chat'), async ({ page, lab, framework }) => {
    const refused = page.getByTestId('refused')
    await page.getByTestId('composer').fill('x'.repeat(501))
    await page.keyboard.press('Enter')
    await refused.getByText('A message may have 500 characters, this one has 501.').waitFor(PATIENCE)
    await refused.getByRole('button', { name: 'Discard' }).click()
    await refused.waitFor({ state: 'detached', ...PATIENCE })

    await lab.openLab()
    await lab.press('refuse')
    await lab.hears('The server will refuse the next write, once.')
    await page.getByTestId('composer').fill(`${framework} insists`)
    await page.keyboard.press('Enter')
    await refused.getByText('You asked for this to be refused.').waitFor(PATIENCE)
    await refused.getByRole('button', { name: 'Try again' }).click()
    await lab.shows(`${framework} insists`)
    await lab.is({ pending: 0, refused: 0 })
  })
})

test(
  'board: the window grows by the page, a vote keeps the focus and shows in all, a filter holds what it shows',
  SLOWLY,
  async () => {
    const panes = await open('board')
    const tasks = ({ page }: Pane) => page.getByTestId('task')
    const task = ({ page }: Pane, id: string) => page.locator(`[data-testid=task][data-id="${id}"]`)
    const votes = (pane: Pane, id: string) => task(pane, id).getByTestId('votes').innerText().then(Number)
    const held = ({ page }: Pane) => page.getByTestId('held').getAttribute('data-count').then(Number)
    const count = (pane: Pane) => expect.poll(() => tasks(pane).count(), PATIENCE)

    for (const pane of panes) await count(pane).toBe(PAGE_SIZE)
    const [{ page: first }] = panes as [Pane]
    const ids = await first
      .getByTestId('task')
      .evaluateAll((shown) => shown.map((one) => one.getAttribute('data-id') ?? ''))
    /** Each votes for a task of its own: of two votes from the same number one is refused. */
    const own = (index: number) => ids[10 + 5 * index] ?? ''

    await inEach(panes, async (pane, index) => {
      const { page } = pane
      for (const shown of [2 * PAGE_SIZE, 3 * PAGE_SIZE]) {
        await page.getByTestId('more').click()
        await count(pane).toBe(shown)
        await expect.poll(() => held(pane), PATIENCE).toBeLessThanOrEqual(2 * (shown + 1))
      }
      const before = await votes(pane, own(index))
      await task(pane, own(index)).getByRole('button').focus()
      // Enough to pass others: its row changes places under the focus.
      for (let vote = 1; vote <= 5; vote++) {
        await page.keyboard.press('Enter')
        await expect.poll(() => votes(pane, own(index)), PATIENCE).toBe(before + vote)
        const focused = await page.evaluate(() => document.activeElement?.closest('li')?.dataset.id)
        expect(focused).toBe(own(index))
      }
      await task(pane, own(index)).getByRole('combobox').selectOption('done')
    })
    await inEach(panes, async (pane) => {
      const reference = await Promise.all(FRAMEWORKS.map((_, i) => votes(panes[i] as Pane, own(i))))
      for (const [i] of FRAMEWORKS.entries()) {
        await expect.poll(() => votes(pane, own(i)), PATIENCE).toBe(reference[i])
        await expect.poll(() => task(pane, own(i)).getAttribute('data-status'), PATIENCE).toBe('done')
      }
      const order = await tasks(pane).getByTestId('votes').allInnerTexts()
      expect(order.map(Number)).toEqual(order.map(Number).toSorted((a, b) => b - a))
    })
    await inEach(panes, async (pane, index) => {
      await pane.page.locator('.filter label', { hasText: 'done' }).click()
      await expect.poll(() => pane.page.locator('.task:not([data-status=done])').count(), PATIENCE).toBe(0)
      await count(pane).toBe(PAGE_SIZE)
      await task(pane, own(index)).waitFor(PATIENCE)
      await expect.poll(() => held(pane), PATIENCE).toBeLessThanOrEqual(2 * (PAGE_SIZE + 1))
    })
    await inEach(panes, async (pane, index) => {
      const before = await votes(pane, own(index))
      await awayAndBack(
        pane,
        () => task(pane, own(index)).getByRole('button').click(),
        () => expect.poll(() => votes(pane, own(index)), PATIENCE).toBe(before + 1),
      )
      await expect.poll(() => task(pane, own(index)).getAttribute('data-state'), PATIENCE).toBe('confirmed')
      expect(await votes(pane, own(index))).toBe(before + 1)
    })
  },
)

test(
  'items: an opened category is all that is loaded, a search finds in it, and what is moved away is moved for all',
  SLOWLY,
  async () => {
    const OPENED = ['Apples', 'Bread', 'Cheese', 'Coffee']
    const panes = await open('items')
    const category = ({ page }: Pane, id: string) => page.locator(`[data-testid=category][data-id=${id}]`)
    const count = (pane: Pane, id: string) => category(pane, id).locator('.count').innerText().then(Number)
    const found = ({ page }: Pane) => page.getByTestId('found').innerText()

    await inEach(panes, async (pane, index) => {
      const { page } = pane
      const name = OPENED[index] ?? ''
      expect(await page.getByTestId('held').getAttribute('data-count')).toBe('0')
      await page.getByRole('button', { name }).click()
      await expect.poll(() => found(pane), PATIENCE).toBe('400 items')
      await expect.poll(() => page.getByTestId('held').getAttribute('data-count'), PATIENCE).toBe('400')
      await page.getByTestId('search').fill('sunday')
      await expect.poll(() => found(pane), PATIENCE).toBe('80 of 400')

      const item = page.getByTestId('item').first()
      const moved = (await item.locator('.title').innerText()).trim()
      expect(moved).toMatch(/^Sunday /)
      await item.getByRole('combobox').selectOption('tea')
      await page.getByTestId('notice').getByText(`“${moved}” is in Tea now.`).waitFor(PATIENCE)
      await expect.poll(() => found(pane), PATIENCE).toBe('79 of 399')
      await expect.poll(() => count(pane, name.toLowerCase()), PATIENCE).toBe(399)
    })
    await inEach(panes, async (pane, index) => {
      const { page } = pane
      await expect.poll(() => count(pane, 'tea'), PATIENCE).toBe(404)
      await awayAndBack(
        pane,
        () => page.getByTestId('item').first().getByRole('combobox').selectOption('tea'),
        () => category(pane, 'tea').waitFor(PATIENCE),
      )
      await expect.poll(() => count(pane, (OPENED[index] ?? '').toLowerCase()), PATIENCE).toBe(398)
    })
    for (const pane of panes) await expect.poll(() => count(pane, 'tea'), PATIENCE).toBe(408)
  },
)

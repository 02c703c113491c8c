import type { Browser, BrowserContext } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { launchChromium } from '../support/chromium.ts'
import { ListWindow } from './list-window.ts'
import { PlaygroundServer } from './playground-server.ts'

const IN_CATEGORY = 400

let server: PlaygroundServer
let browser: Browser
let contexts: BrowserContext[] = []
let windows: ListWindow[] = []
beforeAll(async () => {
  ;[server, browser] = await Promise.all([
    PlaygroundServer.create({ react: 'development' }),
    launchChromium(),
  ])
})
afterEach(async () => {
  for (const context of contexts) await context.close()
  const complaints = windows.flatMap((window) => window.complaints)
  contexts = []
  windows = []
  expect(complaints).toEqual([])
})
afterAll(async () => {
  await browser?.close()
  await server?.stop()
})

async function open(room: string, category?: string): Promise<ListWindow> {
  const context = await browser.newContext({ reducedMotion: 'reduce' })
  contexts.push(context)
  const at = category === undefined ? '' : `&category=${category}`
  const window = await ListWindow.open(context, `${server.url}items?room=${room}${at}`)
  windows.push(window)
  await window.page.getByTestId('category').first().waitFor()
  return window
}

const choose = ({ page }: ListWindow, category: string) =>
  page.locator(`[data-testid=category][data-id=${category}]`).click()

const countOf = ({ page }: ListWindow, category: string) =>
  page.locator(`[data-testid=category][data-id=${category}] [data-testid=count]`).innerText()

/** The categories of all items that the server ever sent to a window. */
const categoriesHeard = (window: ListWindow) =>
  [...new Set(window.rowsHeard('items').map(({ category }) => category))].sort()

test('a category that was never opened is never sent, and one that is left is let go', async () => {
  const window = await open('browse')
  expect(await countOf(window, 'bread')).toBe(String(IN_CATEGORY))
  expect(await window.counter('held')).toBe(0)
  expect(window.rowsHeard('items')).toEqual([])

  await choose(window, 'tea')
  await expect.poll(() => window.counter('held')).toBe(IN_CATEGORY)
  expect(categoriesHeard(window)).toEqual(['tea'])
  expect(await window.counter('subscriptions')).toBe(1)

  await choose(window, 'bread')
  await expect.poll(() => window.page.getByText('Early Baguette from Arles', { exact: true }).count()).toBe(1)
  await expect.poll(() => window.counter('held')).toBe(IN_CATEGORY)
  await expect.poll(() => window.counter('subscriptions')).toBe(1)
  expect(categoriesHeard(window)).toEqual(['bread', 'tea'])
  expect(await window.counter('received')).toBe(2 * IN_CATEGORY)

  await window.page.goBack()
  await expect.poll(() => window.page.getByText('Early Assam from Arles', { exact: true }).count()).toBe(1)
})

test('a search within the open category asks the server for nothing more', async () => {
  const window = await open('search', 'tea')
  await expect.poll(() => window.counter('held')).toBe(IN_CATEGORY)
  await window.page.getByTestId('search').fill('SENCHA')
  await expect.poll(() => window.page.getByTestId('found').innerText()).toBe(`50 of ${IN_CATEGORY}`)
  await expect.poll(() => window.page.getByText('Early Assam from Arles', { exact: true }).count()).toBe(0)
  await window.page.getByTestId('search').fill('no such tea')
  await window.page.getByText('Nothing here is like that.').waitFor()
  await window.page.getByTestId('search').fill('')
  await expect.poll(() => window.page.getByText('Early Assam from Arles', { exact: true }).count()).toBe(1)
  expect(await window.counter('received')).toBe(IN_CATEGORY)
  expect(await window.counter('subscriptions')).toBe(1)
})

test('an item that moves leaves one category and comes into the other, in every window, and both counts follow', async () => {
  const tea = await open('moves', 'tea')
  const alsoTea = await open('moves', 'tea')
  const coffee = await open('moves', 'coffee')
  for (const window of windows) await expect.poll(() => window.counter('held')).toBe(IN_CATEGORY)
  const [moved = '', next = ''] = await tea.shown()
  const name = await tea.row(moved).locator('.title').innerText()

  await tea.row(moved).getByRole('combobox').selectOption('coffee')
  for (const window of [tea, alsoTea]) {
    await expect.poll(async () => (await window.shown())[0]).toBe(next)
    await expect.poll(() => window.counter('held')).toBe(IN_CATEGORY - 1)
  }
  await coffee.page.getByTestId('search').fill(name)
  await coffee.row(moved).waitFor()
  await expect.poll(() => coffee.counter('held')).toBe(IN_CATEGORY + 1)
  for (const window of windows) {
    await expect.poll(() => countOf(window, 'tea')).toBe(String(IN_CATEGORY - 1))
    await expect.poll(() => countOf(window, 'coffee')).toBe(String(IN_CATEGORY + 1))
  }
  // The move itself is all that anybody heard of the other category.
  expect(categoriesHeard(alsoTea)).toEqual(['tea'])
  expect(categoriesHeard(coffee)).toEqual(['coffee'])
})

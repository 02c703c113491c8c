import type { Browser, BrowserContext } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { launchChromium } from '../support/chromium.ts'
import { ListWindow } from './list-window.ts'
import { PlaygroundServer } from './playground-server.ts'

/** How many tasks the page asks for at a time; one more tells it whether there are more. */
const PAGE = 50
const WINDOW = PAGE + 1
/** The firehose runs every 100 ms, and the counters look every 250. */
const SEVERAL_TICKS_MS = 1000
/** A list that has not moved for so long has done what it was going to do. */
const QUIET_MS = 300

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

async function open(room: string): Promise<ListWindow> {
  const context = await browser.newContext({ reducedMotion: 'reduce' })
  contexts.push(context)
  const window = await ListWindow.open(context, `${server.url}board?room=${room}`)
  windows.push(window)
  await window.page.getByTestId('row').first().waitFor()
  return window
}

/**
 * The tasks that are drawn, from the top, with the votes they show. In one look: `evaluateAll` first finds the rows and then comes back
 * to read them, and under the firehose they have changed places in between.
 */
const tasks = ({ page }: ListWindow): Promise<{ id: string; votes: number }[]> =>
  page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>('[data-testid=row]')].map((row) => ({
      id: row.dataset.id ?? '',
      votes: Number(row.querySelector('[data-testid=votes]')?.textContent),
    })),
  )

/** What is wrong with the order of tasks: most votes first, then by id. */
const outOfOrder = (shown: readonly { id: string; votes: number }[]): unknown[] =>
  shown.filter((task, i) => {
    const above = shown[i - 1]
    return (
      above !== undefined && (above.votes < task.votes || (above.votes === task.votes && above.id > task.id))
    )
  })

/** Scrolls the list to its end, as far as there is one. */
const scrollToEnd = ({ page }: ListWindow) =>
  page.getByRole('region', { name: 'Tasks' }).evaluate((list) => list.scrollTo(0, list.scrollHeight))

/** The ids that are drawn once the list has followed its scrolling: a row that is about to go cannot be clicked. */
async function settled(window: ListWindow): Promise<string[]> {
  let before = await window.shown()
  await expect
    .poll(
      async () => {
        const last = before
        // Scrolling, drawing and the next page come one after another.
        await window.page.waitForTimeout(QUIET_MS)
        before = await window.shown()
        return before.join() === last.join()
      },
      { timeout: 10_000 },
    )
    .toBe(true)
  return before
}

const shownNumber = ({ page }: ListWindow) =>
  page.getByTestId('row').last().getAttribute('aria-posinset').then(Number)

test('of five thousand tasks a window holds those of its first screen and a few more, and gets more as it scrolls', async () => {
  const window = await open('scroll')
  await expect.poll(() => window.counter('held')).toBeGreaterThanOrEqual(WINDOW)
  expect(await window.counter('held')).toBeLessThanOrEqual(2 * WINDOW)
  expect(await window.counter('received')).toBeLessThanOrEqual(2 * WINDOW)
  expect(await window.counter('subscriptions')).toBe(1)
  expect(await window.counter('bytes')).toBeLessThan(20_000)
  expect(new Set(window.rowsHeard('tasks').map(({ id }) => id)).size).toBe(await window.counter('held'))
  expect((await tasks(window))[0]?.votes).toBeGreaterThan(800)
  // Of those that it holds, only what is near the screen is in the document.
  expect((await tasks(window)).length).toBeLessThan(40)

  for (let page = 2; page <= 5; page++) {
    await scrollToEnd(window)
    await expect.poll(() => window.counter('held')).toBeGreaterThanOrEqual(page * PAGE + 1)
    expect(await window.counter('held')).toBeLessThanOrEqual(2 * (page * PAGE + 1))
  }
  await expect
    .poll(() => scrollToEnd(window).then(() => shownNumber(window)))
    .toBeGreaterThanOrEqual(5 * PAGE)
  const shown = await tasks(window)
  expect(shown.length).toBeLessThan(40)
  expect(outOfOrder(shown)).toEqual([])
})

test('a vote in one window lifts the task to the top of another one, from below what that one holds', async () => {
  const watcher = await open('votes')
  const voter = await open('votes')
  await expect.poll(() => watcher.counter('held')).toBeGreaterThanOrEqual(WINDOW)
  // Somewhere that only the voter has scrolled to.
  for (let page = 2; page <= 4; page++) {
    await scrollToEnd(voter)
    await expect.poll(() => voter.counter('held')).toBeGreaterThanOrEqual(page * PAGE + 1)
  }
  await expect.poll(() => scrollToEnd(voter).then(() => shownNumber(voter))).toBeGreaterThan(3 * PAGE)
  const lifted = (await settled(voter)).at(-1) ?? ''
  expect(watcher.rowsHeard('tasks').map(({ id }) => id)).not.toContain(lifted)
  const before = await tasks(watcher)

  await voter.row(lifted).getByRole('button').click()
  await watcher.row(lifted).waitFor()
  expect((await watcher.shown())[0]).toBe(lifted)
  expect((await watcher.shown()).slice(1, 6)).toEqual(before.slice(0, 5).map(({ id }) => id))
  // It went out of sight and still has the focus, for whoever votes with the keyboard.
  const focused = await voter.page.evaluate(() => document.activeElement?.closest('li')?.dataset.id)
  expect(focused).toBe(lifted)
})

test('a filter by status shows only tasks of that status, and a task whose status changes leaves', async () => {
  const window = await open('filter')
  const choose = async (filter: string) => {
    await window.page.locator('.filter label', { hasText: filter }).click()
    await expect.poll(() => window.page.locator(`.task:not([data-status=${filter}])`).count()).toBe(0)
    await expect.poll(async () => (await tasks(window)).length).toBeGreaterThan(10)
  }
  for (let round = 0; round < 3; round++) for (const filter of ['open', 'done', 'doing']) await choose(filter)
  await expect.poll(() => window.counter('subscriptions')).toBe(1)
  expect(await window.counter('held')).toBeLessThanOrEqual(2 * WINDOW)
  // Ten times a window with what it has in reserve; all rows of the filters would be 17,000.
  expect(await window.counter('received')).toBeLessThanOrEqual(10 * 3 * WINDOW)

  const [first = '', second = ''] = await window.shown()
  await window.row(first).getByRole('combobox').selectOption('done')
  await expect.poll(async () => (await window.shown())[0]).toBe(second)
})

test('under the firehose a window stays bounded and in order, and the firehose stops when somebody says so', {
  timeout: 180_000,
}, async () => {
  const window = await open('firehose')
  const other = await open('firehose')
  const button = window.page.getByTestId('firehose')
  const from = await window.counter('position')
  await button.click()
  for (const each of windows) await each.page.locator('[data-testid=firehose][data-open=true]').waitFor()
  for (let look = 0; look < 10; look++) {
    await window.page.waitForTimeout(800)
    for (const each of windows) {
      expect(outOfOrder(await tasks(each))).toEqual([])
      expect(await each.counter('held')).toBeLessThanOrEqual(2 * WINDOW)
      expect(await each.counter('held')).toBeGreaterThanOrEqual(WINDOW)
      expect(await each.counter('subscriptions')).toBe(1)
    }
  }
  await button.click()
  for (const each of windows) await each.page.locator('[data-testid=firehose][data-open=false]').waitFor()
  // The object changed hundreds of tasks; a window was sent those that are its own, or were.
  const changed = (await window.counter('position')) - from
  expect(changed).toBeGreaterThan(300)
  expect(await window.counter('received')).toBeLessThan(changed)

  await window.page.waitForTimeout(SEVERAL_TICKS_MS)
  // It is quiet, and both windows show what one that has just been opened reads from the table.
  const fresh = await tasks(await open('firehose'))
  expect(await tasks(window)).toEqual(fresh)
  expect(await tasks(other)).toEqual(fresh)
  const quiet = await window.counter('position')
  await window.page.waitForTimeout(SEVERAL_TICKS_MS)
  expect(await window.counter('position')).toBe(quiet)
})

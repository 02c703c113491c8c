import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll } from 'vitest'
import type { TabTimings } from '../../core/src/tabs/tab-timings.ts'
import { PlainChromium } from '../e2e/plain-chromium.ts'
import { eventually } from '../support/deadline.ts'
import { TabPages } from './tab-pages.ts'

/** What a busy machine may take for something that happens at once. It is below the time-out that could do the same. */
export const AT_ONCE_MS = 8000
/**
 * From whatever happened to the leader until there is another: fifteen seconds, and what a busy machine adds to them. There a tab that
 * finds its own timer late gives the leader another heartbeat, and may do so twice.
 */
const LEADER_MS = 15_000 + 12_000

let chromium: PlainChromium
let pages: TabPages
let rooms = 0

/** One browser for a file of tests. Every test has its own room, and its pages are closed after it. */
export function useTabBrowser(): void {
  beforeAll(async () => {
    ;[chromium, pages] = await Promise.all([PlainChromium.launch(), TabPages.start()])
  })
  afterEach(async () => {
    const open = chromium.context.pages()
    // The browser ends with its last page.
    await chromium.context.newPage()
    for (const page of open) await page.close({ runBeforeUnload: false }).catch(() => {})
  })
  afterAll(async () => {
    await chromium?.close()
    await pages?.stop()
  })
}

export const url = (path?: string): string => pages.url(path)
export const newRoom = (): string => `test/room-${++rooms}`

/** A page in front of all others of its window, which are hidden from then on. */
export async function newPage(path?: string): Promise<Page> {
  const page = await chromium.context.newPage()
  await page.goto(url(path))
  return page
}

/** A page that is neither https nor localhost. */
export async function insecurePage(): Promise<Page> {
  const page = await chromium.context.newPage()
  await page.route('http://insecure.test/**', async (route) => {
    const response = await route.fetch({ url: url(new URL(route.request().url()).pathname) })
    await route.fulfill({ response })
  })
  await page.goto('http://insecure.test/')
  return page
}

/** A page in a window of its own: it is visible, whatever is in front elsewhere. The next new pages are in the same window. */
export async function newWindow(): Promise<Page> {
  const opened = chromium.context.waitForEvent('page')
  const devtools = await chromium.context.browser()?.newBrowserCDPSession()
  await devtools?.send('Target.createTarget', { url: url(), newWindow: true })
  const page = await opened
  await page.waitForFunction(() => typeof tabKit === 'object')
  return page
}

/** Lets the page take part; returns when it leads or follows. */
export async function takePart(page: Page, room: string, timings: Partial<TabTimings> = {}): Promise<Page> {
  await page.evaluate(([name, given]) => tabKit.open(name, given), [room, timings] as const)
  await eventually(
    () => page.evaluate(() => tabKit.lines()),
    (lines) => lines.some((line) => ['leader', 'attached', 'alone'].includes(line)),
    'a leader',
    LEADER_MS,
  )
  return page
}

/** Pages of one window, one after another; the first leads, the last is visible. */
export async function tabs(count: number, room: string, timings?: Partial<TabTimings>): Promise<Page[]> {
  const opened: Page[] = []
  for (let i = 0; i < count; i++) opened.push(await takePart(await newPage(), room, timings))
  return opened
}

export const role = (page: Page): Promise<string> => page.evaluate(() => tabKit.tabs.role.get())
export const lines = (page: Page): Promise<string[]> => page.evaluate(() => tabKit.lines())

/** Waits until the page leads. */
export const leads = (page: Page, ms = LEADER_MS): Promise<string> =>
  eventually(
    () => role(page),
    (is) => is === 'leader',
    'another leader',
    ms,
  )

/** Waits until exactly one of the pages has a socket and all others are attached to it; returns it. */
export async function agreed(among: readonly Page[], ms = LEADER_MS): Promise<Page> {
  const [leader] = await eventually(
    async () => {
      const roles = await Promise.all(among.map(role))
      const leaders = among.filter((_, i) => roles[i] !== 'follower')
      const followers = (await leaders[0]?.evaluate(() => tabKit.tabs.followers.length)) ?? 0
      return leaders.length === 1 && followers === among.length - 1 ? leaders : []
    },
    (leaders) => leaders.length === 1,
    'exactly one leader',
    ms,
  )
  if (!leader) throw new Error('there is no leader')
  return leader
}

/** Freezes a hidden page. Returns what thaws it. */
export const freeze = (page: Page): Promise<() => Promise<void>> => chromium.freeze(page)

/** Ends the process of the page. */
export async function crash(page: Page): Promise<void> {
  const crashed = page.waitForEvent('crash')
  const devtools = await chromium.context.newCDPSession(page)
  // It has nobody left to answer it.
  void devtools.send('Page.crash').catch(() => {})
  await crashed
}

/** Into the back/forward cache. */
export const putAway = (page: Page) => page.goto(url('/elsewhere'))

/** Back from there; false when the page had to be loaded again. */
export async function fetchBack(page: Page): Promise<boolean> {
  await page.goBack({ waitUntil: 'commit' })
  await page.waitForFunction(() => typeof tabKit === 'object' && tabKit.restored.length > 0)
  return page.evaluate(() => tabKit.restored.at(-1) ?? false)
}

/** How many listeners the page has on `window` and `document`. */
export async function countListeners(page: Page): Promise<number> {
  const devtools = await chromium.context.newCDPSession(page)
  let count = 0
  for (const expression of ['window', 'document']) {
    const { result } = await devtools.send('Runtime.evaluate', { expression })
    const { listeners } = await devtools.send('DOMDebugger.getEventListeners', {
      objectId: result.objectId ?? '',
    })
    count += listeners.length
  }
  await devtools.detach()
  return count
}

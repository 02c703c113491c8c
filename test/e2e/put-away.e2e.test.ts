import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { eventually } from '../support/deadline.ts'
import { ChatWindow } from './chat-window.ts'
import { type PageProxy, startPageProxy } from './page-proxy.ts'
import { PlainChromium } from './plain-chromium.ts'
import { PlaygroundServer } from './playground-server.ts'

/** What a busy machine may take for something that happens at once. It is far below every time-out that could do the same. */
const AT_ONCE_MS = 2000
/** How long the client waits for a sign of life when it has a reason to doubt. */
const DOUBT_MS = 3000

let server: PlaygroundServer
let chromium: PlainChromium
let proxy: PageProxy
let other: ChatWindow
let windows: ChatWindow[] = []
beforeAll(async () => {
  ;[server, chromium] = await Promise.all([PlaygroundServer.create(), PlainChromium.launch()])
  proxy = await startPageProxy(() => server.port)
})
afterEach(async () => {
  for (const window of windows) await window.page.close({ runBeforeUnload: false })
  const complaints = windows.flatMap((window) => window.ownComplaints)
  windows = []
  proxy.sockets.mend()
  expect(complaints).toEqual([])
})
afterAll(async () => {
  await chromium?.close()
  await proxy?.stop()
  await server?.stop()
})

/** A page on the way that can be cut and counted, and somebody else who goes to the server directly. */
async function twoPeople(room: string): Promise<ChatWindow> {
  other = await ChatWindow.open(chromium.context, server.url, room, 2)
  const window = await ChatWindow.open(chromium.context, proxy.url, room)
  windows = [window, other]
  for (const each of windows) await each.becomes('connected')
  // A service worker that takes over meanwhile would evict the page from the back/forward cache.
  await window.keepsPage()
  await window.say('before')
  await other.shows('before')
  return window
}

const connections = (count: number, ms = AT_ONCE_MS) =>
  eventually(proxy.sockets.connections, (now) => now === count, `${count} sockets`, ms)

test('a page that goes into the back/forward cache leaves at once, and comes back by itself to what was said meanwhile [G3]', async () => {
  const window = await twoPeople('cached')
  await window.page.evaluate(() => {
    addEventListener('pageshow', ({ persisted }) => {
      document.documentElement.dataset.persisted = String(persisted)
    })
  })
  await connections(1)
  await window.page.goto(`${server.url}healthz`)
  await connections(0)
  await other.page.bringToFront()
  await other.say('meanwhile')
  await other.settles()
  await window.page.bringToFront()
  await window.page.goBack({ waitUntil: 'commit' })
  await window.shows('meanwhile')
  // It is the old page, not a new one: it was never loaded again.
  expect(await window.page.locator('html').getAttribute('data-persisted')).toBe('true')
  expect(await window.contents()).toEqual(['before', 'meanwhile'])
  await window.becomes('connected')
  await connections(1)
  expect(window.sockets).toBe(2)
  await window.page.getByTestId('composer').focus()
  await window.say('back')
  await other.shows('back')
  expect((await window.record()).faults).toEqual([])
})

test('a hidden page that is frozen leaves at once, and comes back by itself when it thaws, still hidden [G3]', async () => {
  const window = await twoPeople('frozen')
  await other.page.bringToFront()
  const thaw = await chromium.freeze(window.page)
  await connections(0)
  await other.say('meanwhile')
  await other.settles()
  await thaw()
  await window.shows('meanwhile')
  expect(await window.page.evaluate(() => document.visibilityState)).toBe('hidden')
  expect(await window.contents()).toEqual(['before', 'meanwhile'])
  await connections(1)
  expect(window.sockets).toBe(2)
  expect((await window.record()).faults).toEqual([])
})

test('what was not sent when the page was frozen is sent when it thaws, once', async () => {
  const window = await twoPeople('frozen-unsent')
  await window.settles()
  await window.page.bringToFront()
  proxy.sockets.down()
  await window.becomes('reconnecting')
  await window.say('one')
  await window.say('two')
  expect(await window.unsent()).toBe(2)
  await other.page.bringToFront()
  const thaw = await chromium.freeze(window.page)
  proxy.sockets.mend()
  await thaw()
  await other.shows('two')
  expect(await other.contents()).toEqual(['before', 'one', 'two'])
  await window.settles()
  expect((await window.messages()).map(({ state }) => state)).toEqual(['confirmed', 'confirmed', 'confirmed'])
})

test('a link that died silently while the page was hidden is noticed as soon as the page is shown [G9]', async () => {
  const window = await twoPeople('hidden')
  await other.page.bringToFront()
  proxy.sockets.hang()
  await other.say('meanwhile')
  await other.settles()
  expect(await window.state()).toBe('connected')
  const shown = performance.now()
  await window.page.bringToFront()
  await window.becomes('reconnecting')
  expect(performance.now() - shown).toBeLessThan(DOUBT_MS + AT_ONCE_MS)
  expect(await window.contents()).toEqual(['before'])
  proxy.sockets.mend()
  await window.shows('meanwhile')
  await window.becomes('connected')
})

test('a page that is hidden and shown again keeps its socket', async () => {
  const window = await twoPeople('shown')
  await other.page.bringToFront()
  await window.page.bringToFront()
  await other.say('meanwhile')
  await window.shows('meanwhile')
  // The sign of life that it asked for has come.
  await window.page.waitForTimeout(DOUBT_MS + AT_ONCE_MS)
  expect(await window.state()).toBe('connected')
  expect(window.sockets).toBe(1)
})

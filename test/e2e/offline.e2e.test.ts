import type { Browser, BrowserContext } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { launchChromium } from '../support/chromium.ts'
import { ChatWindow } from './chat-window.ts'
import { type PageProxy, startPageProxy } from './page-proxy.ts'
import { PlaygroundServer } from './playground-server.ts'

/** How long the client waits for a sign of life when it has a reason to doubt. */
const DOUBT_MS = 3000
/** How long an outage may last before it is called one. */
const LOST_AFTER_MS = 5000
/** What a busy machine may add. */
const SLACK_MS = 2000
const MINUTE_MS = 60_000

let server: PlaygroundServer
let browser: Browser
let proxy: PageProxy
let contexts: BrowserContext[] = []
let windows: ChatWindow[] = []
beforeAll(async () => {
  ;[server, browser] = await Promise.all([PlaygroundServer.create(), launchChromium()])
  proxy = await startPageProxy(() => server.port)
})
afterEach(async () => {
  for (const context of contexts) await context.close()
  const complaints = windows.flatMap((window) => window.ownComplaints)
  contexts = []
  windows = []
  proxy.sockets.mend()
  expect(complaints).toEqual([])
})
afterAll(async () => {
  await browser?.close()
  await proxy?.stop()
  await server?.stop()
})

/** A person on the way that can be cut, with a clock that can be put forward. */
async function somebody(room: string): Promise<{ context: BrowserContext; window: ChatWindow }> {
  const context = await browser.newContext()
  contexts.push(context)
  await context.clock.install()
  const window = await ChatWindow.open(context, proxy.url, room)
  windows.push(window)
  return { context, window }
}

/** A person who is never cut off. */
async function otherPerson(room: string): Promise<ChatWindow> {
  const context = await browser.newContext()
  contexts.push(context)
  const window = await ChatWindow.open(context, server.url, room)
  windows.push(window)
  await window.becomes('connected')
  return window
}

const since = async (happens: Promise<void>): Promise<number> => {
  const began = performance.now()
  await happens
  return performance.now() - began
}

test('a page without a network says so, takes messages, and sends them when the network is back [G9, G10]', async () => {
  const other = await otherPerson('tunnel')
  const { context, window } = await somebody('tunnel')
  await window.say('before')
  await other.shows('before')
  await window.settles()
  expect(await window.words()).toBe('Live')

  // The socket stays open and says nothing any more.
  await context.setOffline(true)
  await window.say('one')
  expect(await since(window.becomes('reconnecting'))).toBeLessThan(DOUBT_MS + SLACK_MS)
  expect(await window.words()).toBe('Reconnecting…')
  await window.say('two')
  await other.say('meanwhile')
  await other.settles()
  expect(await since(window.becomes('disconnected'))).toBeLessThan(LOST_AFTER_MS + SLACK_MS)
  expect(await window.words()).toBe('Offline — 2 unsent messages')
  expect(await window.unsent()).toBe(2)
  expect((await window.messages()).map(({ content, state }) => `${content} ${state}`)).toEqual([
    'before confirmed',
    'one pending',
    'two pending',
  ])
  expect(await other.contents()).toEqual(['before', 'meanwhile'])

  await context.setOffline(false)
  await window.settles()
  await window.shows('meanwhile')
  await other.shows('two')
  expect(await window.words()).toBe('Live')
  // In the order in which they were written, wherever that was.
  expect(await window.contents()).toEqual(['before', 'one', 'two', 'meanwhile'])
  expect(await other.messages()).toEqual(await window.messages())
  const { faults, states } = await window.record()
  expect(faults).toEqual([])
  expect(states).toEqual(['connecting', 'connected', 'reconnecting', 'disconnected', 'connected'])
})

test('an outage that is over before it is one is hardly mentioned [G10]', async () => {
  const { window } = await somebody('blip')
  await window.becomes('connected')
  proxy.sockets.cut()
  await window.becomes('reconnecting')
  await window.say('meanwhile')
  await window.settles()
  expect((await window.record()).states).toEqual(['connecting', 'connected', 'reconnecting', 'connected'])
})

test('a link that died while the computer slept is noticed when it wakes up [G9]', async () => {
  const other = await otherPerson('asleep')
  const { context, window } = await somebody('asleep')
  await window.becomes('connected')
  proxy.sockets.hang()
  await other.say('meanwhile')
  await other.settles()
  await context.clock.fastForward(10 * MINUTE_MS)
  expect(await since(window.becomes('reconnecting'))).toBeLessThan(DOUBT_MS + SLACK_MS)
  proxy.sockets.mend()
  await window.shows('meanwhile')
  await window.becomes('connected')
})

test('a link that lived while the computer slept is kept', async () => {
  const other = await otherPerson('awake')
  const { context, window } = await somebody('awake')
  await window.say('before')
  await other.shows('before')
  await window.settles()
  await context.clock.fastForward(10 * MINUTE_MS)
  // After the time in which a dead one would have been given up.
  await window.page.waitForTimeout(DOUBT_MS + SLACK_MS)
  await other.say('still there?')
  await window.shows('still there?')
  expect((await window.record()).states).toEqual(['connecting', 'connected'])
  expect(window.sockets).toBe(1)
})

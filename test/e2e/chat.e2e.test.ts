import { decodeServerFrame, PONG, parsePosition } from '@durable-sync/core/wire'
import type { Browser, BrowserContext } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { launchChromium } from '../support/chromium.ts'
import { ChatWindow } from './chat-window.ts'
import { type PageProxy, startPageProxy } from './page-proxy.ts'
import { PlaygroundServer } from './playground-server.ts'

const LIMIT = 500
/** workerd puts an object to sleep after ten seconds in which nothing happened. */
const ASLEEP_AFTER_MS = 15_000

let server: PlaygroundServer
let browser: Browser
let proxy: PageProxy
let contexts: BrowserContext[] = []
let windows: ChatWindow[] = []
beforeAll(async () => {
  ;[server, browser] = await Promise.all([
    PlaygroundServer.create({ react: 'development' }),
    launchChromium(),
  ])
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

async function profile(): Promise<BrowserContext> {
  const context = await browser.newContext()
  contexts.push(context)
  return context
}

async function open(
  room: string,
  { context = undefined as BrowserContext | undefined, url = server.url } = {},
) {
  const window = await ChatWindow.open(context ?? (await profile()), url, room)
  windows.push(window)
  return window
}

/** What has the focus, in the words that a screen reader would use. */
const focused = ({ page }: ChatWindow): Promise<string> =>
  page.evaluate(() => {
    const { activeElement: element } = document
    if (element === document.body) return 'the page'
    const label = element instanceof HTMLTextAreaElement ? element.labels[0]?.textContent : undefined
    return label ?? element?.getAttribute('aria-label') ?? element?.textContent ?? ''
  })

/** Presses a key until something has the focus, but not for ever. */
async function moveTo(window: ChatWindow, name: RegExp, key: 'Tab' | 'Shift+Tab'): Promise<void> {
  const passed: string[] = []
  for (let presses = 0; presses < 12; presses++) {
    await window.page.keyboard.press(key)
    passed.push(await focused(window))
    if (name.test(passed.at(-1) ?? '')) return
  }
  throw new Error(`${key} never came to ${name}, only to ${passed.join(', ')}`)
}

/** The mark of the object's incarnation that wrote last, in the position that came with it. */
function incarnation({ heard }: ChatWindow): string | undefined {
  const positions = heard.flatMap((text) => {
    const frame = text === PONG ? undefined : decodeServerFrame(text)
    return frame?.type === 'changes' ? [frame.to] : []
  })
  return parsePosition(positions.at(-1) ?? '')?.nonce
}

/** Where each message is drawn, from the top of the window in pixels. */
const places = ({ page }: ChatWindow): Promise<number[]> =>
  page
    .getByTestId('message')
    .evaluateAll((elements) => elements.map((element) => element.getBoundingClientRect().top))

test('two windows of one person are both live on one socket, and show what either of them writes, once [A7, C1, G6]', async () => {
  const context = await profile()
  const left = await open('one-person', { context })
  const right = await open('one-person', { context })
  for (const window of [left, right]) await window.becomes('connected')
  await left.page.bringToFront()
  await left.say('from the left')
  await right.page.bringToFront()
  await right.shows('from the left')
  await right.say('from the right')
  await left.shows('from the right')
  for (const window of [left, right]) {
    await window.settles()
    expect(await window.contents()).toEqual(['from the left', 'from the right'])
    const [first, second] = await window.messages()
    expect(first?.author).toBe(second?.author)
    expect((await window.record()).faults).toEqual([])
  }
  // All windows of one person in one browser share it, and neither of them took the other one's place.
  expect([left.sockets, right.sockets]).toEqual([1, 0])
})

test('a refused message says why, holds up nothing, and can be put right [C2]', async () => {
  const window = await open('refused')
  const other = await open('refused')
  for (const each of windows) await each.becomes('connected')
  const tooLong = 'x'.repeat(LIMIT + 1)
  await window.say(tooLong)
  await window.say('the next one')
  await other.shows('the next one')
  const refused = window.page.getByRole('alert')
  await refused.waitFor()
  expect(await refused.innerText()).toContain(
    `Not sent. A message may have ${LIMIT} characters, this one has ${LIMIT + 1}.`,
  )
  await window.settles()
  expect(await window.contents()).toEqual(['the next one'])

  await refused.getByRole('button', { name: 'Edit' }).click()
  expect(await window.page.getByTestId('composer').inputValue()).toBe(tooLong)
  expect(await focused(window)).toBe('Message')
  await window.page.keyboard.press('End')
  await window.page.keyboard.press('Backspace')
  await window.page.keyboard.press('Enter')
  await other.shows('x'.repeat(LIMIT))
  expect(await refused.count()).toBe(0)
  expect(await other.contents()).toEqual(['the next one', 'x'.repeat(LIMIT)])
  // Nobody else ever saw what was refused.
  expect(Object.keys((await other.record()).ids)).not.toContain(tooLong)
})

test('what is written before the first connection is kept and sent when there is one [B14, G1]', async () => {
  const other = await open('early')
  await other.becomes('connected')
  proxy.sockets.down()
  const window = await open('early', { url: proxy.url })
  await window.say('one')
  await window.say('two')
  await window.becomes('disconnected')
  expect(await window.words()).toBe('Offline — 2 unsent messages')
  const before = await window.messages()
  expect(before.map(({ content, state }) => `${content} ${state}`)).toEqual(['one pending', 'two pending'])
  proxy.sockets.mend()
  await window.settles()
  await other.shows('two')
  const confirmed = before.map((message) => ({ ...message, state: 'confirmed' }))
  expect(await window.messages()).toEqual(confirmed)
  expect(await other.messages()).toEqual(confirmed)
  expect(await window.words()).toBe('Live')
  expect((await window.record()).faults).toEqual([])
})

test('a confirmation moves nothing on the screen [A1]', async () => {
  const window = await open('still', { url: proxy.url })
  await window.becomes('connected')
  await window.say('one')
  await window.settles()
  proxy.sockets.hang()
  await window.say('two')
  await window.page.getByText('Sending…').waitFor()
  const pending = await places(window)
  proxy.sockets.mend()
  await window.settles()
  expect(await window.page.getByText('Sending…').count()).toBe(0)
  expect(await places(window)).toEqual(pending)
})

test('a window closes over what is not sent without asking: the next one sends it', async () => {
  const context = await profile()
  const window = await open('left', { context, url: proxy.url })
  await window.becomes('connected')
  proxy.sockets.down()
  await window.becomes('reconnecting')
  await window.say('not yet')
  const closed = window.page.waitForEvent('close')
  await window.page.close({ runBeforeUnload: true })
  await closed
  proxy.sockets.mend()
  const next = await open('left', { context, url: proxy.url })
  await next.becomes('connected')
  await next.settles()
  expect((await next.messages()).map(({ content, state }) => `${content} ${state}`)).toEqual([
    'not yet confirmed',
  ])
})

test('where the browser keeps nothing, a window asks before it closes over what is not sent, and only then', async () => {
  const context = await profile()
  await context.addInitScript(() => Object.defineProperty(window, 'indexedDB', { value: undefined }))
  const window = await open('closing', { context, url: proxy.url })
  await window.becomes('connected')
  proxy.sockets.down()
  await window.becomes('reconnecting')
  await window.say('not yet')
  const asked = window.page.waitForEvent('dialog')
  await window.page.close({ runBeforeUnload: true })
  const dialog = await asked
  expect(dialog.type()).toBe('beforeunload')
  await dialog.dismiss()
  proxy.sockets.mend()
  await window.settles()
  const closed = window.page.waitForEvent('close')
  await window.page.close({ runBeforeUnload: true })
  await closed
})

test('everything can be done with the keyboard alone', async () => {
  const window = await open('keys')
  const { page } = window
  await window.becomes('connected')
  expect(await focused(window)).toBe('Message')
  await page.keyboard.type('first line')
  await page.keyboard.press('Shift+Enter')
  await page.keyboard.type('second line')
  await page.keyboard.press('Enter')
  await window.shows('first line\nsecond line')
  for (let i = 1; i <= 30; i++) await window.say(`line ${i}`)
  await window.shows('line 30')

  // The conversation is longer than the window, and scrolls.
  await moveTo(window, /^Messages$/, 'Shift+Tab')
  await page.keyboard.press('Home')
  await expect.poll(() => page.getByRole('log').evaluate(({ scrollTop }) => scrollTop)).toBe(0)

  await moveTo(window, /change your name$/, 'Shift+Tab')
  await page.keyboard.press('Enter')
  await expect.poll(() => focused(window)).toBe('Your name')
  await page.keyboard.type('Ada')
  await page.keyboard.press('Enter')
  await expect.poll(() => focused(window)).toBe('Ada, change your name')

  await moveTo(window, /^Clear room$/, 'Tab')
  await page.keyboard.press('Enter')
  // What can be taken back is what has the focus.
  await expect.poll(() => focused(window)).toBe('Keep')
  await moveTo(window, /^Clear$/, 'Shift+Tab')
  await page.keyboard.press('Enter')
  await page.getByText('Cleared 31 messages').waitFor()
  await page.getByText('Nothing has been said here.').waitFor()

  await moveTo(window, /^Message$/, 'Tab')
  await window.say('and again')
  await window.settles()
  expect(await window.contents()).toEqual(['and again'])
})

test('a message wakes a room that slept, and reaches a window that did nothing, on the socket it had [H1]', async () => {
  const idle = await open('asleep')
  const other = await open('asleep')
  for (const each of windows) await each.becomes('connected')
  await other.say('good night')
  await idle.shows('good night')
  const before = incarnation(idle)
  await idle.page.waitForTimeout(ASLEEP_AFTER_MS)
  await other.say('good morning')
  await idle.shows('good morning')
  expect(idle.sockets).toBe(1)
  expect((await idle.record()).states).toEqual(['connecting', 'connected'])
  // It did sleep: the object was constructed again.
  expect(incarnation(idle)).not.toBe(before)
})

test('a page that is loaded again shows the same conversation to the same person', async () => {
  const window = await open('reload')
  await window.say('one')
  await window.say('two')
  await window.settles()
  const before = await window.messages()
  const name = await window.page.getByTestId('author').innerText()
  await window.page.reload()
  await window.shows('two')
  expect(await window.messages()).toEqual(before)
  expect(await window.page.getByTestId('author').innerText()).toBe(name)
})

import type { Browser, BrowserContext } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { launchChromium } from '../support/chromium.ts'
import { startProxy, type TcpProxy } from '../support/proxy.ts'
import { ChatWindow } from './chat-window.ts'
import { ListWindow } from './list-window.ts'
import { PlaygroundServer } from './playground-server.ts'

const LIMIT = 500
/** TanStack DB's own line about a collection that has become an error: one that waited for its first rows when the user signed out. */
const WAITED_IN_VAIN = /TanStack DB error 172 /

let server: PlaygroundServer
let browser: Browser
/** All of a server, the page and its sockets, that can be down and up again in no time. */
let site: TcpProxy
let contexts: BrowserContext[] = []
let windows: ChatWindow[] = []
let boards: ListWindow[] = []
beforeAll(async () => {
  ;[server, browser] = await Promise.all([PlaygroundServer.create(), launchChromium()])
  site = await startProxy(() => server.port)
})
afterEach(async () => {
  for (const context of contexts) await context.close()
  const complaints = windows
    .flatMap((window) => window.ownComplaints)
    .filter((text) => !WAITED_IN_VAIN.test(text))
  const complaintsOfBoards = boards.flatMap((board) => board.complaints)
  contexts = []
  windows = []
  boards = []
  site.mend()
  expect(complaints).toEqual([])
  expect(complaintsOfBoards).toEqual([])
})
afterAll(async () => {
  await browser?.close()
  await site?.stop()
  await server?.stop()
})

const siteUrl = () => `http://127.0.0.1:${site.port}/`

async function profile(): Promise<BrowserContext> {
  const context = await browser.newContext()
  contexts.push(context)
  return context
}

async function open(context: BrowserContext, room: string, url = siteUrl()): Promise<ChatWindow> {
  const window = await ChatWindow.open(context, url, room)
  windows.push(window)
  return window
}

/** Somebody on another computer, who is never cut off. */
async function somebodyElse(room: string): Promise<ChatWindow> {
  const window = await open(await profile(), room, server.url)
  await window.becomes('connected')
  return window
}

/** Somebody on this one, who was here yesterday: the browser keeps the page, and what was said. */
async function regular(context: BrowserContext, room: string, ...said: string[]): Promise<ChatWindow> {
  const window = await open(context, room)
  await window.becomes('connected')
  for (const content of said) await window.say(content)
  await window.settles()
  await window.keepsPage()
  return window
}

test('what was refused is there with its reason after a reload, and is sent again or discarded as somebody says [C2]', async () => {
  const other = await somebodyElse('refused')
  const window = await regular(await profile(), 'refused', 'hello')
  await window.openPanel()
  await window.page.getByRole('button', { name: 'Reject next message' }).click()
  await window.page.getByRole('button', { name: 'The next message will be refused' }).waitFor()
  site.down()
  await window.becomes('reconnecting')
  await window.page.getByTestId('composer').focus()
  await window.say('refuse me')
  await window.say('and not me')
  await window.say('x'.repeat(LIMIT + 1))
  await window.keepsWrites()
  await window.reload()
  await window.shows('refuse me')
  expect(await window.unsent()).toBe(3)

  site.mend()
  await window.settles()
  await other.shows('and not me')
  await window.reload()
  const refused = window.page.getByTestId('refused')
  await expect.poll(() => refused.count()).toBe(2)
  expect(await refused.allInnerTexts()).toEqual([
    expect.stringContaining('You asked for this to be refused.'),
    expect.stringContaining(`this one has ${LIMIT + 1}.`),
  ])
  expect(await window.contents()).toEqual(['hello', 'and not me'])

  await refused.first().getByRole('button', { name: 'Try again' }).click()
  await other.shows('refuse me')
  await window.settles()
  expect(await refused.count()).toBe(1)
  await refused.getByRole('button', { name: 'Discard' }).click()
  await expect.poll(() => refused.count()).toBe(0)
  await window.reload()
  await window.shows('refuse me')
  expect(await refused.count()).toBe(0)
  expect(await window.contents()).toEqual(['hello', 'refuse me', 'and not me'])
  expect(await other.contents()).toEqual(await window.contents())
})

test('whoever signs in next sees nothing of the one before, in no tab, and who comes back finds what was not sent [J9]', async () => {
  const context = await profile()
  const window = await regular(context, 'signed', 'mine', 'x'.repeat(LIMIT + 1))
  await window.page.getByTestId('refused').waitFor()
  const name = await window.page.getByTestId('author').innerText()
  const tab = await open(context, 'signed')
  await tab.shows('mine')
  site.down()
  await window.becomes('reconnecting')
  await window.page.getByTestId('composer').focus()
  await window.say('unsent')
  await tab.shows('unsent')

  await signIn(window, 'Somebody New')
  for (const each of [window, tab]) {
    await expect.poll(() => each.page.getByTestId('author').innerText()).toBe('Somebody New')
    await each.page.getByText('The server does not answer yet.').waitFor()
    expect(await each.contents()).toEqual([])
    expect(await each.unsent()).toBe(0)
    expect(await each.page.getByTestId('refused').count()).toBe(0)
  }
  await tab.page.close()

  await signIn(window, name)
  await window.shows('unsent')
  await window.page.getByTestId('refused').waitFor()
  site.mend()
  await window.shows('mine')
  await window.settles()
  expect(await window.states()).toEqual(['mine confirmed', 'unsent confirmed'])
})

async function signIn({ page }: ChatWindow, name: string): Promise<void> {
  await page.getByRole('button', { name: 'Not you?' }).click()
  await page.getByRole('textbox', { name: 'Sign in as' }).fill(name)
  await Promise.all([page.waitForEvent('load'), page.keyboard.press('Enter')])
  await page.getByTestId('composer').waitFor()
}

test('all tabs share one socket, and its switch: any of them takes all offline, and cuts it', async () => {
  const context = await profile()
  const other = await somebodyElse('switch')
  const leader = await regular(context, 'switch', 'hello')
  const follower = await open(context, 'switch')
  for (const each of [leader, follower]) {
    await each.openPanel()
    await each.becomes('connected')
  }
  expect([await leader.fact('tab'), await follower.fact('tab')]).toEqual(['leader', 'follower'])
  expect([leader.sockets, follower.sockets]).toEqual([1, 0])
  expect(await leader.fact('storage')).toBe('durable')
  expect(Number(await leader.fact('at'))).toBeGreaterThan(0)

  await follower.page.getByRole('button', { name: 'Kill socket' }).click()
  await leader.becomes('reconnecting')
  await leader.becomes('connected')
  await follower.becomes('connected')
  expect([leader.sockets, follower.sockets]).toEqual([2, 0])

  await follower.page.getByRole('switch', { name: 'Offline' }).click()
  for (const each of [leader, follower]) {
    await each.becomes('reconnecting')
    await each.page.getByRole('switch', { name: 'Offline', checked: true }).waitFor()
  }
  await other.say('meanwhile')
  await other.settles()
  await follower.page.getByTestId('composer').focus()
  await follower.say('held back')
  await leader.shows('held back')
  expect(await leader.fact('unsent')).toBe('1')
  // Whoever has the socket next is as much offline.
  await leader.page.close()
  await expect.poll(() => follower.fact('tab')).toBe('leader')
  await follower.reload()
  await follower.shows('held back')
  await follower.becomes('disconnected')
  expect(await follower.contents()).toEqual(['hello', 'held back'])
  expect(await other.contents()).toEqual(['hello', 'meanwhile'])

  await follower.page.getByRole('button', { name: 'Go online' }).click()
  await follower.settles()
  await follower.shows('meanwhile')
  await other.shows('held back')
})

test('the board is there without a server, with what was changed on it, and a change that comes too late is refused', async () => {
  const context = await profile()
  const url = `${siteUrl()}board?room=yard`
  const board = await ListWindow.open(context, url)
  const other = await ListWindow.open(await profile(), `${server.url}board?room=yard`)
  boards.push(board, other)
  for (const { page } of boards) await page.getByTestId('row').first().waitFor()
  await board.keepsPage()
  const before = (await board.shown()).slice(0, 8)
  const [first = '', second = '', third = ''] = before
  site.down()
  await board.page.reload()
  await board.row(first).waitFor()
  expect((await board.shown()).slice(0, 8)).toEqual(before)

  // One change that nobody minds, and one that somebody else makes first.
  await board.row(second).getByRole('combobox').selectOption('done')
  await board.row(third).getByRole('button').click()
  await expect.poll(async () => (await board.shown())[0]).toBe(third)
  await other.row(third).getByRole('button').click()
  await expect.poll(async () => (await other.shown())[0]).toBe(third)
  await other.row(third).getByRole('button').click()
  await board.page.reload()
  await board.row(third).waitFor()
  expect((await board.shown())[0]).toBe(third)
  const pending = board.page.locator('[data-state=pending]')
  await expect.poll(() => pending.count()).toBe(2)
  const votes = (window: ListWindow) => window.row(third).getByTestId('votes').innerText()
  await expect.poll(async () => Number(await votes(other))).toBeGreaterThan(Number(await votes(board)))

  site.mend()
  await other.page.locator(`[data-id="${second}"] .task[data-status=done]`).waitFor()
  await expect.poll(() => pending.count()).toBe(0)
  await board.page.reload()
  await board.row(third).waitFor()
  await board.page.getByTestId('panel').locator('summary').click()
  const refused = board.page.getByTestId('failed-write')
  expect(await refused.innerText()).toContain('Somebody else lifted it higher.')
  expect(await votes(board)).toBe(await votes(other))
  await refused.getByRole('button', { name: 'Discard' }).click()
  await expect.poll(() => refused.count()).toBe(0)
  expect(await board.shown()).toEqual(await other.shown())
})

// The last one, because it leaves no server behind when it fails.
test('without a server the page is there with all it had, and what two tabs write then arrives once, in order [J7, J8]', {
  timeout: 120_000,
}, async () => {
  const context = await profile()
  const url = server.url
  const left = await open(context, 'train', url)
  await left.becomes('connected')
  await left.say('yesterday')
  await left.settles()
  await left.keepsPage()
  await server.kill()

  await left.reload()
  await left.shows('yesterday')
  expect(await left.states()).toEqual(['yesterday confirmed'])
  await left.say('one')
  await left.say('two')
  await left.becomes('disconnected')
  expect(await left.words()).toBe('Offline — 2 unsent messages')
  await left.keepsWrites()
  await left.reload()
  await left.shows('two')
  expect(await left.states()).toEqual(['yesterday confirmed', 'one pending', 'two pending'])
  await left.page.getByText('Not sent yet').waitFor()

  const right = await open(context, 'train', url)
  await right.shows('two')
  await right.say('three')
  await left.shows('three')
  expect(await right.states()).toEqual(await left.states())
  await left.page.close()
  await right.page.close()

  await server.start()
  const back = await open(context, 'train', url)
  const waiting = await back.record()
  await back.becomes('connected')
  await back.settles()
  const all = ['yesterday', 'one', 'two', 'three']
  expect(await back.states()).toEqual(all.map((content) => `${content} confirmed`))
  const other = await somebodyElse('train')
  await other.shows('three')
  expect(await other.messages()).toEqual(await back.messages())
  expect([waiting.faults, (await back.record()).faults]).toEqual([[], []])
})

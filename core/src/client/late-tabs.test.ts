import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { latePart } from '../collection/testing/late-part.ts'
import { ConnectionError } from '../errors.ts'
import { TABS } from './tabs-part.ts'
import { BrowserInNode, closeBrowsers, until } from './testing/tabs-in-node.ts'
import { ending, itemsTo, todo } from './testing/todo-room.ts'

let late: ReturnType<typeof latePart>
beforeEach(() => {
  late = latePart(TABS)
})
afterEach(async () => {
  vi.useRealTimers()
  await closeBrowsers()
  vi.restoreAllMocks()
})

const NOT_LOADED = new ConnectionError('code-not-loaded', 'no such file')

test('before there is code for tabs nobody leads, and writes wait; with it one leads, and sends them', async () => {
  const browser = new BrowserInNode()
  browser.server.network = 'on'
  const opening = [browser.open(), browser.open()]
  await new Promise((resolve) => setTimeout(resolve, 10))
  expect([late.asked(), browser.server.dials]).toEqual([2, 0])
  await late.arrive()
  const [leader, follower] = await Promise.all(opening)
  expect([leader, follower].map((tab) => tab?.client.tab.get())).toEqual(['leader', 'follower'])
  expect(await ending(follower?.todos.insert(todo('new')).isPersisted.promise ?? Promise.reject())).toBe('ok')
  expect(itemsTo(browser.server)).toMatchObject([{ ops: [{ key: 'new' }] }])
})

test('where the code for tabs is not to be had, a tab speaks for itself: what is kept is shown and sent, and so is what it writes', async () => {
  const browser = new BrowserInNode()
  const yesterday = browser.open({ settleOn: 'device' })
  await late.arrive()
  const { client, todos } = await yesterday
  await todos.insert(todo('old')).isPersisted.promise
  await client.close()
  late = latePart(TABS)
  const opening = browser.open({ settleOn: 'device' })
  late.fail(NOT_LOADED)
  const alone = await opening
  expect([alone.client.tab.get(), alone.reported]).toEqual(['alone', [NOT_LOADED]])
  alone.todos.subscribeChanges(() => {})
  await until(() => expect([...alone.todos.keys()]).toEqual(['old']))
  await alone.todos.insert(todo('new')).isPersisted.promise
  browser.server.network = 'on'
  await until(() => expect([...alone.todos.keys()].sort()).toEqual(['new', 'old', 't']))
  expect(itemsTo(browser.server).map((item) => item.do === 'mutate' && item.ops[0]?.key)).toEqual([
    'old',
    'new',
  ])
  await until(async () => expect(await browser.keptWrites()).toEqual([]))
  // For good: another tab may lead by now.
  await late.arrive()
  expect(alone.client.tab.get()).toBe('alone')
})

test('where the code for tabs neither comes nor fails, a tab speaks for itself after half a minute', async () => {
  vi.useFakeTimers({ shouldAdvanceTime: true })
  const browser = new BrowserInNode()
  browser.server.network = 'on'
  const opening = browser.open()
  await vi.advanceTimersByTimeAsync(29_000)
  expect(browser.server.dials).toBe(0)
  await vi.advanceTimersByTimeAsync(2000)
  const alone = await opening
  expect([alone.client.tab.get(), alone.reported]).toMatchObject(['alone', [{ code: 'code-not-loaded' }]])
  expect(await ending(alone.todos.insert(todo('new')).isPersisted.promise)).toBe('ok')
  // For good: another tab may lead by now.
  await late.arrive()
  expect(alone.client.tab.get()).toBe('alone')
})

test('a client that is closed before there is code for tabs does not connect when it comes', async () => {
  const browser = new BrowserInNode()
  browser.server.network = 'on'
  const opening = browser.open({ settleOn: 'device' })
  const asked = late.asked()
  expect(asked).toBe(1)
  const closed = browser.close()
  await late.arrive()
  const { client } = await opening
  await closed
  expect([client.status.get().state, browser.server.dials]).toEqual(['closed', 0])
})

import { afterEach, expect, test } from 'vitest'
import { indexedDBStorage } from '../persistence/indexeddb-storage.ts'
import { BrowserInNode, closeBrowsers, type TabOptions, until } from './testing/tabs-in-node.ts'
import { ending, itemsTo, todo } from './testing/todo-room.ts'

afterEach(closeBrowsers)

const OLD: TabOptions = { schemaVersion: 1, migrateMutation: () => ({ command: 'spoilt', args: null }) }
const NEW: TabOptions = { schemaVersion: 2, migrateMutation: () => ({ command: 'migrated', args: null }) }

test('a write of a tab with an older app is migrated by the tab with the newer one that sends it', async () => {
  const browser = new BrowserInNode()
  const newer = await browser.open(NEW)
  const older = await browser.open(OLD)
  expect([newer, older].map(({ client }) => client.tab.get())).toEqual(['leader', 'follower'])
  const ended = ending(older.client.call.clear({ before: 1 }))
  await newer.pending()
  browser.server.network = 'on'
  expect(await ended).toBe('ok')
  expect(itemsTo(browser.server)).toMatchObject([{ name: 'migrated' }])
})

test('of tabs with two versions of the app one with the newer leads, and sends for all', async () => {
  const browser = new BrowserInNode()
  const older = [await browser.open(OLD), await browser.open(OLD)]
  const ended = older.map(({ client }) => ending(client.call.clear({ before: 1 })))
  const newer = await browser.open(NEW)
  await until(() => expect(newer.client.tab.get()).toBe('leader'))
  ended.push(ending(newer.client.call.clear({ before: 2 })))
  for (const { client } of [...older, newer])
    await until(() => expect(client.pendingWrites.get().count).toBe(3))
  expect(older.map(({ client }) => client.tab.get())).toEqual(['follower', 'follower'])
  browser.server.network = 'on'
  expect(await Promise.all(ended)).toEqual(['ok', 'ok', 'ok'])
  expect(itemsTo(browser.server).map((item) => item.do === 'call' && item.name)).toEqual([
    'migrated',
    'migrated',
    'clear',
  ])
})

test('a write of an older app that only tabs remember is sent by the tab with the newer one', async () => {
  const browser = new BrowserInNode()
  const inMemory = () => ({ storage: indexedDBStorage({ name: '', user: 'me' }) })
  const newer = await browser.open({ ...NEW, ...inMemory() })
  const older = await browser.open({ ...OLD, ...inMemory() })
  const ended = ending(older.client.call.clear({ before: 1 }))
  await newer.pending()
  browser.server.network = 'on'
  expect(await ended).toBe('ok')
  expect(itemsTo(browser.server)).toHaveLength(1)
})

test('an older app leaves a write of a newer one as it is', async () => {
  const browser = new BrowserInNode()
  const newer = await browser.open({ ...NEW, settleOn: 'device' })
  await newer.todos.insert(todo('new')).isPersisted.promise
  await newer.client.close()
  const older = await browser.open(OLD)
  await older.pending()
  browser.server.network = 'on'
  await until(() => expect(older.client.pendingWrites.get().count).toBe(0))
  expect(itemsTo(browser.server)).toMatchObject([{ do: 'mutate', ops: [{ key: 'new' }] }])
})

import { afterEach, expect, test } from 'vitest'
import { BrowserInNode, closeBrowsers, pageOf, until } from './testing/tabs-in-node.ts'
import { ending, itemsTo, todo } from './testing/todo-room.ts'

afterEach(closeBrowsers)

async function offline() {
  const browser = new BrowserInNode()
  return { browser, server: browser.server, ...(await browser.openTwo()) }
}

test('a command whose argument is an object of a reactive store reaches the tab that leads, and the server', async () => {
  const { server, leader, follower } = await offline()
  const ended = ending(follower.client.call.clear(new Proxy({ before: 1 }, {})))
  await leader.pending()
  server.network = 'on'
  expect(await ended).toBe('ok')
  expect(itemsTo(server)).toMatchObject([{ name: 'clear', args: { before: 1 } }])
})

test('a write can be taken back in the turn in which it was made', async () => {
  const { browser, leader, follower } = await offline()
  const ended = ending(follower.todos.insert(todo('new')).isPersisted.promise)
  const { items } = follower.client.pendingWrites.get()
  await follower.client.discardPending(items[0]?.id ?? '')
  expect(await ended).toMatchObject({ code: 'discarded' })
  expect(follower.todos.has('new')).toBe(false)
  expect(leader.client.pendingWrites.get().count).toBe(0)
  expect(await browser.keptWrites()).toEqual([])
})

test('who takes back a write that is being taken back hears of it as well', async () => {
  const { leader, follower } = await offline()
  const ended = ending(follower.todos.insert(todo('new')).isPersisted.promise)
  const id = await leader.pending()
  const { client } = follower
  expect(await Promise.all([client.discardPending(id), client.discardPending(id)])).toHaveLength(2)
  expect(await ended).toMatchObject({ code: 'discarded' })
})

test('a write that the leader finds in the storage, and settles before the page that made it hears that it is kept, is confirmed', async () => {
  const browser = new BrowserInNode()
  let hear = () => {}
  const heard = new Promise<void>((resolve) => {
    hear = resolve
  })
  const busy = pageOf(browser.storage, (room) => ({
    commit: async (change) => {
      const committed = await room.commit(change)
      if (change.putWrites?.length) await heard
      return committed
    },
  }))
  const leader = await browser.open()
  const follower = await browser.open({ storage: busy })
  // With this it reads once more what is kept, as every follower does a second after it has found its leader.
  await new Promise((resolve) => setTimeout(resolve, 1100))
  const ended = ending(follower.todos.insert(todo('new')).isPersisted.promise)
  await until(async () => expect(await browser.keptWrites()).toHaveLength(1))
  browser.server.network = 'on'
  leader.todos.subscribeChanges(() => {})
  await until(async () => expect(await browser.keptWrites()).toEqual([]))
  expect(itemsTo(browser.server)).toMatchObject([{ ops: [{ key: 'new' }] }])
  hear()
  expect(await ended).toBe('ok')
  expect(follower.client.pendingWrites.get().count).toBe(0)
})

test('a write whose collection is unmounted between two leaders is confirmed all the same', async () => {
  const browser = new BrowserInNode()
  const waiting: (() => void)[] = []
  let loads: 'at once' | 'held' = 'at once'
  const slow = pageOf(browser.storage, (room) => ({
    load: async () => {
      if (loads === 'held') await new Promise<void>((resolve) => void waiting.push(resolve))
      return room.load()
    },
  }))
  const first = await browser.open({ storage: slow })
  const second = await browser.open({ storage: slow })
  const follower = await browser.open({ storage: slow })
  const shown = follower.todos.subscribeChanges(() => {})
  const ended = ending(follower.todos.insert(todo('new')).isPersisted.promise)
  await first.pending()
  loads = 'held'
  await first.client.close()
  // The tab that leads now and the one that follows it both read what is kept.
  await until(() => expect(waiting).toHaveLength(2))
  expect([second, follower].map(({ client }) => client.tab.get())).toEqual(['leader', 'follower'])
  shown.unsubscribe()
  await follower.todos.cleanup()
  loads = 'at once'
  for (const go of waiting) go()
  browser.server.network = 'on'
  expect(await ended).toBe('ok')
  expect(follower.client.pendingWrites.get().count).toBe(0)
})

test('a write that is confirmed, and that the storage has kept all the same, is not pending in a tab that opens later', async () => {
  const browser = new BrowserInNode()
  browser.server.network = 'on'
  // As where the rows that came with its outcome could not be kept, and it may not leave without them.
  const stays = pageOf(browser.storage, (room) => ({
    commit: (change) => room.commit({ ...change, deleteWrites: [] }),
  }))
  const leader = await browser.open({ storage: stays })
  await leader.todos.preload()
  expect(await ending(leader.todos.insert(todo('new')).isPersisted.promise)).toBe('ok')
  expect(await browser.keptWrites()).toHaveLength(1)
  const { client, todos } = await browser.open()
  await todos.preload()
  await until(() => expect(client.pendingWrites.get().count).toBe(0))
  expect(todos.has('new')).toBe(true)
})

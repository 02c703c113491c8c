import { afterEach, expect, test } from 'vitest'
import { DeferredDevice } from '../persistence/deferred-device.ts'
import type { DeviceStorage } from '../persistence/room-storage.ts'
import type { StorageHealth } from '../persistence/storage-health.ts'
import { createReadable } from '../status/readable.ts'
import type { StorageFactory } from './storage-factory.ts'
import { BrowserInNode, closeBrowsers, IMPATIENT, pageOf, until } from './testing/tabs-in-node.ts'
import { ending, itemsTo, todo } from './testing/todo-room.ts'

afterEach(closeBrowsers)

/** `kept` as a page has it whose code for it comes when the test says so, or never does. */
function late(kept: StorageFactory) {
  const health = createReadable<StorageHealth>({ is: 'idle' })
  let decide = (_: 'arrives' | 'fails') => {}
  let decided = new Promise<'arrives' | 'fails'>((resolve) => {
    decide = resolve
  })
  const open = (endpoint: string) =>
    new DeferredDevice({
      load: async (): Promise<DeviceStorage> => {
        if ((await decided) === 'fails') throw new TypeError('no such file')
        return { ...pageOf(kept).open(endpoint), health }
      },
      loadMs: 1,
    })
  /** It has failed, and comes when it is tried again. */
  const mend = () => {
    decided = Promise.resolve('arrives')
  }
  return { storage: { ...kept, open }, decide, mend, health }
}

/** A browser in which a write of yesterday is kept. */
async function afterYesterday() {
  const browser = new BrowserInNode()
  const { client, todos } = await browser.open({ settleOn: 'device' })
  await todos.insert(todo('old')).isPersisted.promise
  await client.close()
  return browser
}

test('where the code of a storage is late, rows of the server are shown, and what is kept is sent once it is there', async () => {
  const browser = await afterYesterday()
  const { storage, decide, health } = late(browser.storage)
  const { client, todos } = await browser.open({ storage })
  expect(client.storage.get().health).toMatchObject({ is: 'memory', why: 'timeout' })
  todos.subscribeChanges(() => {})
  browser.server.network = 'on'
  await until(() => expect([...todos.keys()]).toEqual(['t']))
  const written = ending(todos.insert(todo('new')).isPersisted.promise)
  expect(itemsTo(browser.server)).toEqual([])
  decide('arrives')
  expect(await written).toBe('ok')
  health.set({ is: 'durable' })
  await until(() => expect([...todos.keys()].sort()).toEqual(['new', 'old', 't']))
  await until(() => expect(client.pendingWrites.get().count).toBe(0))
  await until(async () => expect(await browser.keptWrites()).toEqual([]))
})

test('where the code of a storage is not to be had, a page works from memory, and nothing that is kept is lost', async () => {
  const browser = await afterYesterday()
  const { storage, decide } = late(browser.storage)
  decide('fails')
  const { client, todos } = await browser.open({ storage, settleOn: 'device' })
  todos.subscribeChanges(() => {})
  await todos.insert(todo('new')).isPersisted.promise
  expect(client.storage.get().health).toMatchObject({ is: 'memory', why: 'broken' })
  expect(await ending(client.logout())).toMatchObject({ code: 'purge-failed' })
  browser.server.network = 'on'
  await until(() => expect(itemsTo(browser.server)).toMatchObject([{ ops: [{ key: 'new' }] }]))
  await until(() => expect([...todos.keys()].sort()).toEqual(['new', 't']))
  expect(await browser.keptWrites()).toHaveLength(1)
})

test('where the code of a storage comes when it is tried again, what was written meanwhile is kept, and what was kept is sent', async () => {
  const browser = await afterYesterday()
  const { storage, decide, mend, health } = late(browser.storage)
  decide('fails')
  const { client, todos } = await browser.open({ storage, settleOn: 'device' })
  todos.subscribeChanges(() => {})
  await todos.insert(todo('new')).isPersisted.promise
  expect(client.storage.get().health).toMatchObject({ is: 'memory', why: 'broken' })
  mend()
  await until(async () => expect(await browser.keptWrites()).toHaveLength(2))
  health.set({ is: 'durable' })
  await until(() => expect(client.pendingWrites.get().count).toBe(2))
  browser.server.network = 'on'
  await until(() => expect([...todos.keys()].sort()).toEqual(['new', 'old', 't']))
  await until(() => expect(client.pendingWrites.get().count).toBe(0))
  const keys = itemsTo(browser.server).map((item) => item.do === 'mutate' && item.ops[0]?.key)
  expect(keys.sort()).toEqual(['new', 'old'])
  await until(async () => expect(await browser.keptWrites()).toEqual([]))
})

test('what is written after the storage has come is shown over what was written before', async () => {
  const browser = await afterYesterday()
  const { storage, decide, mend } = late(browser.storage)
  decide('fails')
  // Whoever dials reads first what is kept.
  const timings = { ...IMPATIENT, firstWindowMs: 60_000, backoffBaseMs: 60_000, backoffCapMs: 60_000 }
  const { todos } = await browser.open({ storage, settleOn: 'device', timings })
  todos.subscribeChanges(() => {})
  await todos.insert(todo('new', 'first')).isPersisted.promise
  mend()
  await until(async () => expect(await browser.keptWrites()).toHaveLength(2))
  const edit = todos.update('new', (draft) => {
    draft.title = 'then'
  })
  await edit.isPersisted.promise
  expect(todos.get('new')?.title).toBe('then')
})

test('what is written after the storage has come is shown over what was written before in other tabs, too', async () => {
  const browser = await afterYesterday()
  const { storage, decide, mend } = late(browser.storage)
  decide('fails')
  const { todos } = await browser.open({ storage, settleOn: 'device' })
  const other = await browser.open()
  // With this it has read once more what is kept, as every follower does a second after it has found its leader.
  await new Promise((resolve) => setTimeout(resolve, 1100))
  const titles = [todos, other.todos].map((each) => {
    each.subscribeChanges(() => {})
    return () => each.get('new')?.title
  })
  await todos.insert(todo('new', 'first')).isPersisted.promise
  await until(() => expect(titles.map((title) => title())).toEqual(['first', 'first']))
  mend()
  await until(async () => expect(await browser.keptWrites()).toHaveLength(2))
  const edit = todos.update('new', (draft) => {
    draft.title = 'then'
  })
  await edit.isPersisted.promise
  await until(() => expect(titles.map((title) => title())).toEqual(['then', 'then']))
})

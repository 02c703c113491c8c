import { afterEach, expect, test } from 'vitest'
import type { StorageHealth } from '../persistence/storage-health.ts'
import { createReadable } from '../status/readable.ts'
import { BrowserInNode, closeBrowsers, pageOf } from './testing/tabs-in-node.ts'
import { ending, itemsTo, todo } from './testing/todo-room.ts'

afterEach(closeBrowsers)
test.each(['leader', 'follower'] as const)(
  'a write that was being kept when its client in the %s was closed is told to be kept, and sent by another tab',
  async (role) => {
    const browser = new BrowserInNode()
    const page = pageOf(browser.storage)
    const durable = {
      ...page,
      open: (e: string) => ({ ...page.open(e), health: createReadable<StorageHealth>({ is: 'durable' }) }),
    }
    const tabs = await browser.openTwo({ storage: durable })
    const other = role === 'leader' ? tabs.follower : tabs.leader
    const ended = ending(tabs[role].todos.insert(todo('new')).isPersisted.promise)
    await Promise.resolve()
    await tabs[role].client.close()
    browser.server.network = 'on'
    await other.todos.insert(todo('later')).isPersisted.promise
    expect([await ended, itemsTo(browser.server).length]).toMatchObject([{ code: 'client-closed-kept' }, 2])
  },
)

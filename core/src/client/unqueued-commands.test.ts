import { afterEach, expect, test } from 'vitest'
import { BrowserInNode, closeBrowsers, until } from './testing/tabs-in-node.ts'
import { ending, itemsTo, todo } from './testing/todo-room.ts'

afterEach(closeBrowsers)

test.each(['leader', 'follower'] as const)(
  'a command of the %s that is not queued and gets no connection is refused, and left to no other page',
  async (role) => {
    const browser = new BrowserInNode()
    const tabs = await browser.openTwo({ queueCommands: 'none' })
    const { client } = tabs[role]
    expect(await ending(client.call.clear({ before: 1 }))).toMatchObject({ code: 'command-offline' })
    await until(async () => expect(await browser.keptWrites()).toEqual([]))
    browser.server.network = 'on'
    await tabs[role].todos.insert(todo('later')).isPersisted.promise
    expect(itemsTo(browser.server).map((item) => item.do)).toEqual(['skip', 'mutate'])
  },
)

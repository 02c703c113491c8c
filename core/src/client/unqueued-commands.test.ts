import { afterEach, expect, test } from 'vitest'
import { BrowserInNode, closeBrowsers, IMPATIENT, until } from './testing/tabs-in-node.ts'
import { ending, itemsTo, todo } from './testing/todo-room.ts'

afterEach(closeBrowsers)

const ROLES = ['leader', 'follower'] as const

test.each(ROLES)(
  'a command of the %s that is not queued and gets no connection is refused, and left to no other page',
  async (role) => {
    const browser = new BrowserInNode()
    const tabs = await browser.openTwo({ queueCommands: 'none' })
    const { client, todos } = tabs[role]
    expect(await ending(client.call.clear({ before: 1 }))).toMatchObject({ code: 'command-offline' })
    await until(async () => expect(await browser.keptWrites()).toEqual([]))
    browser.server.network = 'on'
    await todos.insert(todo('later')).isPersisted.promise
    expect(itemsTo(browser.server).map((item) => item.do)).toEqual(['skip', 'mutate'])
  },
)

test.each(ROLES)(
  'a command of the %s that is not queued is kept for no other page while a connection is being made',
  async (role) => {
    const browser = new BrowserInNode()
    const timings = { ...IMPATIENT, lostAfterMs: 600_000 }
    const tabs = await browser.openTwo({ queueCommands: 'none', timings })
    const { client, todos } = tabs[role]
    todos.insert(todo('new'))
    const id = await tabs.leader.pending()
    await until(() => expect(client.status.get().state).toBe('connecting'))
    const ended = ending(client.call.clear({ before: 1 }))
    await browser.dialInVain()
    expect(await browser.keptWrites()).toEqual([id])
    browser.server.network = 'on'
    expect(await ended).toBe('ok')
    expect(itemsTo(browser.server).map((item) => item.do)).toEqual(['mutate', 'call'])
  },
)

import { afterEach, expect, test } from 'vitest'
import { indexedDBStorage } from '../persistence/indexeddb-storage.ts'
import { BrowserInNode, closeBrowsers, until } from './testing/tabs-in-node.ts'
import { ending, itemsTo, todo } from './testing/todo-room.ts'

afterEach(closeBrowsers)

/** There is no database in Node: such a tab knows only what it was told. */
const inMemory = () => ({ storage: indexedDBStorage({ name: '', user: 'me' }) })
const onDevice = () => ({})

test.each([
  ['neither tab has a database', inMemory, inMemory],
  ['the tab that leads has no database', inMemory, onDevice],
  ['the tab that follows has no database', onDevice, inMemory],
])(
  'where %s, what the follower writes stays pending for both without a connection, and is sent once with one',
  async (_, leading, following) => {
    const browser = new BrowserInNode()
    const { server } = browser
    const leader = await browser.open(leading())
    const follower = await browser.open(following())
    expect([leader, follower].map(({ client }) => client.tab.get())).toEqual(['leader', 'follower'])
    const pending = () => [leader, follower].map(({ client }) => client.pendingWrites.get().count)
    const ended = [
      ending(follower.todos.insert(todo('new')).isPersisted.promise),
      ending(follower.client.call.clear({ before: 1 })),
    ]
    await until(() => expect(pending()).toEqual([2, 2]))
    await browser.dialInVain()
    expect([pending(), itemsTo(server)]).toEqual([[2, 2], []])
    server.network = 'on'
    expect(await Promise.all(ended)).toEqual(['ok', 'ok'])
    await until(() => expect(pending()).toEqual([0, 0]))
    expect(itemsTo(server).map((item) => item.do)).toEqual(['mutate', 'call'])
  },
)

import { afterEach, expect, test } from 'vitest'
import { indexedDBStorage } from '../persistence/indexeddb-storage.ts'
import { BrowserInNode, closeBrowsers, until } from './testing/tabs-in-node.ts'
import { ending, itemsTo, todo } from './testing/todo-room.ts'

afterEach(closeBrowsers)

type Tab = Awaited<ReturnType<BrowserInNode['open']>>
const insert = ({ todos }: Tab) => todos.insert(todo('new')).isPersisted.promise
const clear = ({ client }: Tab) => client.call.clear({ before: 1 })

/** There is no database in Node: every tab knows only what it was told. */
async function withoutDatabase() {
  const browser = new BrowserInNode()
  const open = () => browser.open({ storage: indexedDBStorage({ name: 'app', user: 'me' }) })
  const leader = await open()
  const follower = await open()
  for (const [{ client }, role] of [[leader, 'leader'] as const, [follower, 'follower'] as const]) {
    expect(client.tab.get()).toBe(role)
    expect(client.storage.get().health).toMatchObject({ is: 'memory', why: 'absent' })
  }
  const pending = () => [leader, follower].map(({ client }) => client.pendingWrites.get().count)
  return { browser, server: browser.server, leader, follower, pending }
}

for (const [name, write] of [['a write', insert] as const, ['a command', clear] as const]) {
  test(`where no tab has a database, ${name} of a follower stays pending for both without a connection, and is sent once with one`, async () => {
    const { server, browser, leader, follower, pending } = await withoutDatabase()
    const ended = ending(write(follower))
    await leader.pending()
    await browser.dialInVain()
    expect([pending(), itemsTo(server)]).toEqual([[1, 1], []])
    server.network = 'on'
    expect(await ended).toBe('ok')
    await until(() => expect(pending()).toEqual([0, 0]))
    expect(itemsTo(server)).toHaveLength(1)
    expect(follower.client.failedWrites.get().count).toBe(0)
  })
}

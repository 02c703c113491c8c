import { afterEach, expect, test } from 'vitest'
import { insideOf } from './sync-client.ts'
import { BrowserInNode, closeBrowsers, until } from './testing/tabs-in-node.ts'

afterEach(closeBrowsers)

/** Two tabs, of which the one that leads shows the room; the other holds it before there is a connection, afterwards, or never. */
async function connected(held: 'before' | 'after' | 'never') {
  const browser = new BrowserInNode()
  browser.server.network = 'on'
  const { leader, follower } = await browser.openTwo()
  const hold = () => insideOf(follower.client).hold()
  const early = held === 'before' ? [hold()] : []
  await leader.todos.preload()
  await until(() => expect(follower.client.status.get().state).toBe('connected'))
  const holds = held === 'after' ? [hold()] : early
  const release = () => {
    for (const each of holds) each()
  }
  return { status: leader.client.status, todos: leader.todos, release }
}

test.each(['before', 'after'] as const)(
  'a room that a follower retained %s there was a connection keeps the socket of the tab that leads, until it is let go of',
  async (when) => {
    const { status, todos, release } = await connected(when)
    const other = await connected('never')
    await todos.cleanup()
    await other.todos.cleanup()
    // Which nobody has needed for as long as the first.
    await until(() => expect(other.status.get().state).toBe('idle'))
    expect(status.get().state).toBe('connected')
    release()
    await until(() => expect(status.get().state).toBe('idle'))
  },
)

test('a room that a follower retains is not connected by that, also not under the next leader', async () => {
  const browser = new BrowserInNode()
  browser.server.network = 'on'
  const { leader, follower } = await browser.openTwo()
  const third = await browser.open()
  insideOf(third.client).hold()
  await leader.client.close()
  await until(() => expect(follower.client.tab.get()).toBe('leader'))
  await until(() => expect(third.client.status.get().state).toBe('idle'))
  expect(browser.server.dials).toBe(0)
})

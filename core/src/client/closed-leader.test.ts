import { afterEach, expect, test } from 'vitest'
import { BrowserInNode, closeBrowsers, until } from './testing/tabs-in-node.ts'

afterEach(closeBrowsers)

test('a tab whose leader is closed never says that it is closed itself', async () => {
  const browser = new BrowserInNode()
  browser.server.network = 'on'
  const { leader, follower } = await browser.openTwo()
  follower.todos.subscribeChanges(() => {})
  const seen: string[] = []
  follower.client.status.subscribe(() => seen.push(follower.client.status.get().state))
  await until(() => expect(follower.todos.has('t')).toBe(true))
  await leader.client.close()
  await until(() => expect(follower.client.tab.get()).toBe('leader'))
  await until(() => expect(follower.client.status.get().state).toBe('connected'))
  expect(seen).not.toContain('closed')
})

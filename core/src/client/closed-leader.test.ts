import { BasicIndex, createCollection, createLiveQueryCollection } from '@tanstack/db'
import { afterEach, expect, test } from 'vitest'
import { doCollectionOptions } from '../collection/do-collection-options.ts'
import { BrowserInNode, closeBrowsers, until } from './testing/tabs-in-node.ts'
import { ending } from './testing/todo-room.ts'

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

test('collections of a tab whose leader is closed while they load are loaded by the next one', async () => {
  const browser = new BrowserInNode()
  browser.server.network = 'on'
  const { leader, follower } = await browser.openTwo()
  const { client, todos } = follower
  const onDemand = createCollection({
    ...doCollectionOptions({ client, table: 'todos', syncMode: 'on-demand' }),
    autoIndex: 'eager',
    defaultIndexType: BasicIndex,
  })
  const first = createLiveQueryCollection((q) =>
    q
      .from({ todo: onDemand })
      .orderBy(({ todo }) => todo.id, { stringSort: 'lexical' })
      .limit(1),
  )
  browser.server.joins = 'kept'
  const loaded = [todos, first].map((each) => ending(each.preload()))
  await until(() => expect(browser.server.heard.filter(({ type }) => type === 'join')).toHaveLength(2))
  browser.server.joins = 'answered'
  await leader.client.close()
  expect(await Promise.all(loaded)).toEqual(['ok', 'ok'])
  for (const each of [todos, first]) expect([...each.keys()]).toEqual(['t'])
})

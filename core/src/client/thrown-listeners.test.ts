import { createCollection } from '@tanstack/db'
import { afterEach, expect, test, vi } from 'vitest'
import { doCollectionOptions } from '../collection/do-collection-options.ts'
import { BrowserInNode, closeBrowsers, until } from './testing/tabs-in-node.ts'
import { ending, todo } from './testing/todo-room.ts'

afterEach(closeBrowsers)
afterEach(() => {
  vi.restoreAllMocks()
})

/** A listener of the application, which throws from when it is told to. */
function listener() {
  let does: 'nothing' | 'throws' = 'nothing'
  return {
    listen: () => {
      if (does === 'throws') throw new Error('a listener')
    },
    does: (now: typeof does) => {
      does = now
    },
  }
}

test('writes that are refused together all leave the screen, in every tab, though a listener throws at the first of them', async () => {
  vi.spyOn(console, 'warn').mockReturnValue()
  const browser = new BrowserInNode()
  const { leader, follower } = await browser.openTwo({ settleOn: 'device' })
  const { listen, does } = listener()
  for (const { todos } of [leader, follower]) todos.subscribeChanges(listen)
  await Promise.all(['a', 'b'].map((id) => leader.todos.insert(todo(id)).isPersisted.promise))
  await until(() => expect(follower.todos.has('b')).toBe(true))
  browser.server.run = () => ({ is: 'rejected', code: 'denied', message: 'not allowed' })
  does('throws')
  browser.server.network = 'on'
  for (const { client, todos, reported } of [leader, follower]) {
    await until(() => expect(client.pendingWrites.get().count).toBe(0))
    await until(() => expect([...todos.keys()]).toEqual(['t']))
    expect(reported).toContainEqual(new Error('a listener'))
  }
})

test.each(['device', 'server'] as const)(
  'a write settled on the %s is persisted, though a listener of another collection of its table throws',
  async (settleOn) => {
    const browser = new BrowserInNode()
    browser.server.network = 'on'
    const { client, todos, reported } = await browser.open({ settleOn })
    const others = createCollection(doCollectionOptions({ client, table: 'todos' }))
    await Promise.all([todos.preload(), others.preload()])
    const { listen, does } = listener()
    others.subscribeChanges(listen)
    does('throws')
    expect(await ending(todos.insert(todo('a')).isPersisted.promise)).toBe('ok')
    await until(() => expect(client.pendingWrites.get().count).toBe(0))
    for (const each of [todos, others]) expect([...each.keys()]).toEqual(['a', 't'])
    expect(reported).toContainEqual(new Error('a listener'))
  },
)

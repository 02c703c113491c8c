import { afterEach, expect, test } from 'vitest'
import { BrowserInNode, closeBrowsers } from './testing/tabs-in-node.ts'
import { ending, todo } from './testing/todo-room.ts'

afterEach(closeBrowsers)

test.each([
  ['are kept', 'keep', 'client-closed-kept', 1],
  ['are not sent', 'discard', 'client-closed-unsent', 0],
] as const)(
  'signing out in one tab tells another that its writes %s, if that is so',
  async (_, pending, code, left) => {
    const browser = new BrowserInNode()
    const { leader, follower } = await browser.openTwo({ settleOn: 'device' })
    const tx = follower.todos.insert(todo('new'))
    await tx.isPersisted.promise
    const ended = ending(follower.client.whenConfirmed(tx))
    await leader.client.logout({ pending })
    expect(await ended).toMatchObject({ name: 'ConnectionError', code })
    expect(await browser.keptWrites()).toHaveLength(left)
    expect(follower.todos.size).toBe(0)
  },
)

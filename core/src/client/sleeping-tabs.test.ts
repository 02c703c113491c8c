import { afterEach, expect, test } from 'vitest'
import { BrowserInNode, closeBrowsers, until } from './testing/tabs-in-node.ts'
import { ending, itemsTo, todo } from './testing/todo-room.ts'

afterEach(closeBrowsers)

const DENIED = { is: 'rejected', code: 'denied', message: 'no' } as const

/** The follower has made a write that was not sent, and then its page froze. */
async function asleep() {
  const browser = new BrowserInNode()
  const { leader, follower } = await browser.openTwo()
  const ended = ending(follower.todos.insert(todo('new')).isPersisted.promise)
  const id = await leader.pending()
  follower.freeze()
  /** Another tab leads, shows the room and has a connection. */
  const succeed = async () => {
    await leader.client.close()
    const next = await browser.open()
    expect(next.client.tab.get()).toBe('leader')
    browser.server.network = 'on'
    await next.todos.preload()
    return next
  }
  return { browser, server: browser.server, leader, follower, ended, id, succeed }
}

test('a write that was taken back while its tab slept is not carried out when it wakes', async () => {
  const { server, leader, follower, ended, id, succeed } = await asleep()
  await leader.client.discardPending(id)
  const next = await succeed()
  follower.thaw()
  expect(await ended).toMatchObject({ code: 'discarded' })
  // Whatever the leader took up before is sent before.
  await next.todos.insert(todo('later')).isPersisted.promise
  expect(itemsTo(server)).toMatchObject([{ do: 'mutate', ops: [{ key: 'later' }] }])
})

test('a write that was refused while its tab slept rejects when it wakes, and is not sent again', async () => {
  const { browser, server, leader, follower, ended, succeed } = await asleep()
  server.run = () => DENIED
  server.network = 'on'
  await until(() => expect(leader.client.failedWrites.get().count).toBe(1))
  await until(async () => expect(await browser.keptWrites()).toEqual([]))
  // The server has been told that they are known.
  for (const { outcomes } of server.cids.values()) outcomes.clear()
  const next = await succeed()
  follower.thaw()
  expect(await ended).toMatchObject({ code: 'denied' })
  server.run = (item) => server.execute(item)
  await next.todos.insert(todo('later')).isPersisted.promise
  expect(itemsTo(server)).toMatchObject([{ ops: [{ key: 'new' }] }, { ops: [{ key: 'later' }] }])
})

test('a failed write that another tab tried again while this one slept is none when it wakes', async () => {
  const browser = new BrowserInNode()
  const { server } = browser
  const { leader, follower } = await browser.openTwo()
  server.run = () => DENIED
  server.network = 'on'
  expect(await ending(leader.todos.insert(todo('new')).isPersisted.promise)).toMatchObject({ code: 'denied' })
  const failed = follower.client.failedWrites
  await until(() => expect(failed.get().count).toBe(1))
  follower.freeze()
  server.run = (item) => server.execute(item)
  await leader.client.retryFailed(failed.get().items[0]?.id ?? '')
  expect(failed.get().count).toBe(1)
  follower.thaw()
  await until(() => expect(failed.get().count).toBe(0))
})

test('a write that was confirmed while its tab slept is pending in no third tab when it wakes', async () => {
  const { browser, server, leader, follower, ended } = await asleep()
  server.network = 'on'
  await until(() => expect(leader.client.pendingWrites.get().count).toBe(0))
  await until(async () => expect(await browser.keptWrites()).toEqual([]))
  const third = await browser.open()
  await third.todos.preload()
  await third.todos.delete('new').isPersisted.promise
  follower.thaw()
  expect(await ended).toBe('ok')
  await leader.todos.insert(todo('later')).isPersisted.promise
  // Behind everything that the leader has said before.
  await until(() => expect(third.todos.has('later')).toBe(true))
  expect(third.client.pendingWrites.get().count).toBe(0)
  expect([...third.todos.keys()].sort()).toEqual(['later', 't'])
})

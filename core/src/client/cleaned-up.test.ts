import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterEach, expect, test } from 'vitest'
import { BrowserInNode, closeBrowsers, until } from './testing/tabs-in-node.ts'

afterEach(closeBrowsers)

const NOTHING = { rows: 0, subscriptions: 0, received: 0 }

test('a collection that is cleaned up is idle and holds nothing, whichever tab fed it, and is live when it is used again', async () => {
  const browser = new BrowserInNode()
  browser.server.network = 'on'
  const { leader, follower } = await browser.openTwo()
  for (const { todos } of [leader, follower]) {
    const { syncState, stats } = todos.utils
    for (const _ of [1, 2]) {
      await todos.preload()
      await until(() => expect(syncState.get()).toEqual({ phase: 'live' }))
      expect(stats().rows).toBe(1)
      await todos.cleanup()
      expect([syncState.get(), stats()]).toEqual([{ phase: 'idle' }, NOTHING])
    }
  }
})

test('the rows of a collection that is cleaned up are let go of, though the page goes on to hold the collection', async () => {
  setFlagsFromString('--expose-gc')
  const collectGarbage = runInNewContext('gc') as () => void
  const browser = new BrowserInNode()
  browser.server.network = 'on'
  const { todos } = await browser.open()
  await todos.preload()
  const row = new WeakRef(todos._state.syncedData.get('t') ?? {})
  await todos.cleanup()
  await until(() => {
    collectGarbage()
    // Not the row itself: the failure would hold it.
    expect(row.deref() === undefined).toBe(true)
  })
  expect(todos.utils.table).toBe('todos')
})

import { afterEach, expect, test } from 'vitest'
import { BrowserInNode, closeBrowsers, pageOf } from './testing/tabs-in-node.ts'
import { ending } from './testing/todo-room.ts'

afterEach(closeBrowsers)

const BROKEN = new DOMException('Failed to read large IndexedDB value', 'DataError')

test('where what is kept cannot be read, calls that need it end all the same', async () => {
  const browser = new BrowserInNode()
  const unreadable = () => Promise.reject(BROKEN)
  const storage = pageOf(browser.storage, () => ({ load: unreadable, queue: unreadable }))
  const { client, reported } = await browser.open({ storage })
  expect(await ending(client.retryFailed('x'))).toMatchObject({ code: 'failed-write-unknown' })
  expect(await ending(client.discardPending('x'))).toMatchObject({ code: 'write-sent' })
  expect(await ending(client.discardFailed('x'))).toBe('ok')
  expect(reported).toContain(BROKEN)
})

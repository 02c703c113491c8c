import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { TestPage } from '../page.ts'
import { driver } from './driver.tsx'
import rendered from './rendered.html?raw'

let page: TestPage

beforeEach(() => {
  vi.useFakeTimers()
  page = new TestPage(driver)
})
afterEach(async () => {
  await page.close()
  vi.useRealTimers()
})

// `renderToStringAsync` and a stream write the rows of every `useLiveQuery` into the page, and Solid hands them to whoever hydrates.
test('rows that a server has written into the page are shown as they change', async () => {
  const withRow = rendered.replace('<!--!$/e', '<li data-hk="00010200">a</li><!--!$/e')
  const red = page.rooms.object('red')
  red.todos('a')
  await page.hydrate(withRow, [{ id: 'a', title: 'a', done: false }])
  expect(page.pane.rows).toEqual(['a'])
  await page.act(() => red.todos('b'))
  expect(page.pane.rows).toEqual(['a', 'b'])
})

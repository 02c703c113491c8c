import { expect, test } from 'vitest'
import { eventually } from '../support/deadline.ts'
import { insecurePage, lines, newPage, newRoom, role, takePart, useTabBrowser } from './tab-browser.ts'

useTabBrowser()

test('two pages that are neither https nor localhost have no locks, and each is alone', async () => {
  const room = newRoom()
  const [a, b] = [await insecurePage(), await insecurePage()]
  expect(await a.evaluate(() => 'locks' in navigator)).toBe(false)
  for (const page of [a, b]) expect(await lines(await takePart(page, room))).toEqual(['alone'])
  expect([await role(a), await role(b)]).toEqual(['alone', 'alone'])
})

test('two pages of opaque origin are refused the locks that they see, and each is alone', async () => {
  const room = newRoom()
  const [a, b] = [await newPage('/opaque'), await newPage('/opaque')]
  expect(await a.evaluate(() => 'locks' in navigator)).toBe(true)
  for (const page of [a, b]) expect(await lines(await takePart(page, room))).toEqual(['alone'])
})

test('a page without channels is alone, and holds no lock that others wait for', async () => {
  const room = newRoom()
  const a = await newPage()
  await a.evaluate(() => {
    Object.defineProperty(globalThis, 'BroadcastChannel', { value: undefined })
  })
  expect(await lines(await takePart(a, room))).toEqual(['alone'])
  await eventually(
    () => a.evaluate((name) => tabKit.locksOf(name), room),
    ({ held, pending }) => held === 0 && pending === 0,
    'the lock to be free',
  )
  const b = await takePart(await newPage(), room)
  expect(await role(b)).toBe('leader')
})

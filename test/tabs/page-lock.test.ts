import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { eventually } from '../support/deadline.ts'
import { crash, fetchBack, freeze, newPage, putAway, useTabBrowser } from './tab-browser.ts'

useTabBrowser()

async function two(client: string): Promise<[Page, Page]> {
  const [a, b] = [await newPage(), await newPage()]
  await a.evaluate(
    (id) => void tabKit.pageLock.hold(id, () => tabKit.log.push({ at: 0, line: 'lost' })),
    client,
  )
  await eventually(
    () => life(b, client),
    (is) => is === 'alive',
    'the lock',
  )
  return [a, b]
}
const life = (page: Page, client: string) => page.evaluate((id) => tabKit.pageLock.isAlive(id), client)
const waitForDeath = (page: Page, client: string) =>
  page.evaluate(
    (id) =>
      void tabKit.pageLock.whenDead(id, async () => void tabKit.log.push({ at: 0, line: `dead ${id}` })),
    client,
  )
const deaths = (page: Page) => page.evaluate(() => tabKit.lines().filter((line) => line !== 'resume'))

test.each(['closed', 'crashed', 'loaded again'])(
  'a page that is %s is dead, and who waits for it is told',
  async (how) => {
    const client = `client ${how}`
    const [a, b] = await two(client)
    await waitForDeath(b, client)
    expect(await deaths(b)).toEqual([])
    if (how === 'closed') await a.close()
    else if (how === 'crashed') await crash(a)
    else await a.reload()
    await eventually(
      () => deaths(b),
      (all) => all.includes(`dead ${client}`),
      'word of its death',
    )
    expect(await life(b, client)).toBe('dead')
  },
)

test('several who ask at once do not take each other for the page', async () => {
  const page = await newPage()
  const answers = await page.evaluate(() =>
    Promise.all(Array.from({ length: 10 }, () => tabKit.pageLock.isAlive('nobody'))),
  )
  expect(new Set(answers)).toEqual(new Set(['dead']))
})

test('a page that is frozen is alive', async () => {
  const [a, b] = await two('frozen')
  const thaw = await freeze(a)
  expect(await life(b, 'frozen')).toBe('alive')
  await thaw()
  expect(await life(b, 'frozen')).toBe('alive')
})

test('a page in the back/forward cache returns with its lock, if nobody asked for it', async () => {
  const [a, b] = await two('cached')
  await putAway(a)
  expect(await fetchBack(a)).toBe(true)
  expect(await life(b, 'cached')).toBe('alive')
  expect(await deaths(a)).toEqual([])
})

test('a page in the back/forward cache that is asked for is dead, and does not return', async () => {
  const [a, b] = await two('asked')
  await putAway(a)
  expect(await life(b, 'asked')).toBe('dead')
  expect(await fetchBack(a)).toBe(false)
})

import { expect, test } from 'vitest'
import { eventually } from '../support/deadline.ts'
import {
  AT_ONCE_MS,
  agreed,
  countListeners,
  fetchBack,
  freeze,
  lines,
  newPage,
  newRoom,
  newWindow,
  putAway,
  tabs,
  takePart,
  useTabBrowser,
} from './tab-browser.ts'

useTabBrowser()

const COUNT = 2000
/** What a busy machine needs for all of it. */
const ALL_MS = 30_000
const numbers = Array.from({ length: COUNT }, (_, i) => i)

test('what the leader says reaches visible and hidden tabs whole and in order, and so does what they say', async () => {
  const room = newRoom()
  const [a, b, c] = await tabs(3, room)
  const d = await takePart(await newWindow(), room)
  if (!a || !b || !c) throw new Error('no pages')
  await Promise.all([
    ...[b, c, d].map((page) =>
      page.evaluate((count) => {
        for (let i = 0; i < count; i++) tabKit.tabs.toLeader(`${tabKit.tabs.tab} ${i}`)
      }, COUNT),
    ),
    a.evaluate((count) => {
      for (let i = 0; i < count; i++) tabKit.tabs.toFollowers(`${i}`)
    }, COUNT),
  ])
  for (const page of [b, c, d]) {
    const told = await eventually(
      () => lines(page),
      (all) => all.length > COUNT,
      'all of it',
      ALL_MS,
    )
    expect(told).toEqual(['attached', ...numbers.map((i) => `told ${i}`)])
  }
  const heard = await eventually(
    () => lines(a),
    (all) => all.length >= 4 + 3 * COUNT,
    'all of it',
    ALL_MS,
  )
  for (const page of [b, c, d]) {
    const id = await page.evaluate(() => tabKit.tabs.tab)
    const prefix = `heard ${id} `
    expect(heard.filter((line) => line.startsWith(prefix))).toEqual(numbers.map((i) => `${prefix}${i}`))
  }
  expect(heard.filter((line) => line.startsWith('left'))).toEqual([])
})

test('a follower that is frozen says goodbye, hears nothing, and attaches anew when it thaws', async () => {
  const room = newRoom()
  const b = await newPage()
  await newPage()
  const a = await takePart(await newWindow(), room)
  await takePart(b, room)
  const thaw = await freeze(b)
  await eventually(
    () => a.evaluate(() => tabKit.tabs.followers.length),
    (count) => count === 0,
    'goodbye',
  )
  await a.evaluate(() => tabKit.tabs.toFollowers('meanwhile'))
  await thaw()
  expect(await agreed([a, b], AT_ONCE_MS)).toBe(a)
  await a.evaluate(() => tabKit.tabs.toFollowers('afterwards'))
  await eventually(
    () => lines(b),
    (all) => all.at(-1) === 'told afterwards',
    'the end',
  )
  expect(await lines(b)).toEqual(['attached', 'detached', 'resume', 'attached', 'told afterwards'])
})

test('a follower that goes into the back/forward cache says goodbye, and attaches anew when it returns', async () => {
  const room = newRoom()
  const a = await takePart(await newWindow(), room)
  const b = await takePart(await newPage(), room)
  await putAway(b)
  await eventually(
    () => a.evaluate(() => tabKit.tabs.followers.length),
    (count) => count === 0,
    'goodbye',
  )
  // Would throw it out of the cache if its channel were open.
  await a.evaluate((name) => tabKit.shout(name), room)
  expect(await fetchBack(b)).toBe(true)
  expect(await agreed([a, b])).toBe(a)
  expect((await lines(b)).filter((line) => line !== 'resume')).toEqual(['attached', 'detached', 'attached'])
})

test('a page that has stopped holds no lock, waits for none, and listens to nothing', async () => {
  const room = newRoom()
  const [a, b] = [await newPage(), await newPage()]
  const before = [await countListeners(a), await countListeners(b)]
  for (const page of [a, b]) await takePart(page, room)
  expect(await countListeners(a)).toBeGreaterThan(before[0] ?? 0)
  expect(await a.evaluate((name) => tabKit.locksOf(name), room)).toEqual({ held: 1, pending: 1 })
  await b.evaluate(() => tabKit.tabs.stop())
  await eventually(
    () => a.evaluate((name) => tabKit.locksOf(name), room),
    ({ held, pending }) => held === 1 && pending === 0,
    'the request to be withdrawn',
  )
  await a.evaluate(() => tabKit.tabs.stop())
  await eventually(
    () => a.evaluate((name) => tabKit.locksOf(name), room),
    ({ held, pending }) => held === 0 && pending === 0,
    'the lock to be free',
  )
  expect([await countListeners(a), await countListeners(b)]).toEqual(before)
})

import { describe, expect, test } from 'vitest'
import { eventually } from '../support/deadline.ts'
import {
  AT_ONCE_MS,
  agreed,
  crash,
  fetchBack,
  freeze,
  leads,
  lines,
  newPage,
  newRoom,
  newWindow,
  putAway,
  role,
  tabs,
  takePart,
  useTabBrowser,
} from './tab-browser.ts'

useTabBrowser()

/** What a busy machine may need for the first tasks of a page that runs again. The next heartbeat would take longer. */
const AWAKE_MS = 3000
/** A tab that finds its own timer late asks once more before it takes the lead. */
const BY_FORCE = /^queue( queue)+ steal$/

test('ten tabs have exactly one leader again within 15 s, whatever happens to it', {
  timeout: 180_000,
}, async () => {
  const room = newRoom()
  let alive = await tabs(9, room)
  const watcher = await takePart(await newWindow(), room)
  alive.push(watcher)
  const without = (page: unknown) => {
    alive = alive.filter((each) => each !== page)
  }
  const first = await agreed(alive)
  await first.close()
  without(first)

  const second = await agreed(alive)
  expect(second).not.toBe(watcher)
  await crash(second)
  without(second)

  const third = await agreed(alive)
  const thaw = await freeze(third)
  without(third)
  const fourth = await agreed(alive)
  expect(await role(third)).toBe('follower')
  await thaw()
  expect(await agreed([...alive, third])).toBe(fourth)

  await putAway(fourth)
  without(fourth)
  alive.push(third)
  const fifth = await agreed(alive)
  expect(await fetchBack(fourth)).toBe(true)
  alive.push(fourth)
  expect(await agreed(alive)).toBe(fifth)

  await fifth.reload()
  without(fifth)
  await agreed(alive)
  await takePart(fifth, room)
  alive.push(fifth)
  await agreed(alive)
  expect(alive).toHaveLength(8)
})

describe('a leader', () => {
  test('that is frozen has let go at once, hears nothing meanwhile, and follows when it thaws', async () => {
    const [a, b] = await tabs(2, newRoom())
    if (!a || !b) throw new Error('no pages')
    const thaw = await freeze(a)
    // The handlers of a frozen page still run: what they would begin with the storage would keep everybody waiting.
    expect(await agreed([b], AT_ONCE_MS)).toBe(b)
    expect(await role(a)).toBe('follower')
    await b.evaluate(() => tabKit.tabs.toFollowers('meanwhile'))
    await thaw()
    expect(await agreed([a, b], AT_ONCE_MS)).toBe(b)
    await b.evaluate(() => tabKit.tabs.toFollowers('afterwards'))
    await eventually(
      () => lines(a),
      (all) => all.includes('told afterwards'),
      'word of its successor',
    )
    expect((await lines(a)).slice(-4)).toEqual(['follower', 'resume', 'attached', 'told afterwards'])
  })

  test('that goes into the back/forward cache has let go at once, and comes back from there as a follower', async () => {
    const room = newRoom()
    const [a, b] = await tabs(2, room)
    if (!a || !b) throw new Error('no pages')
    await putAway(a)
    expect(await agreed([b], AT_ONCE_MS)).toBe(b)
    // Would throw it out of the cache if its channel were open.
    await b.evaluate((name) => tabKit.shout(name), room)
    expect(await fetchBack(a)).toBe(true)
    expect(await agreed([a, b], AT_ONCE_MS)).toBe(b)
    expect((await lines(a)).slice(-3)).toEqual(['follower', 'resume', 'attached'])
  })

  test('that is frozen without being told is replaced by force within 15 s, and steps down as soon as it runs', async () => {
    const room = newRoom()
    const a = await newPage()
    await a.evaluate(() => tabKit.tellNothing())
    await takePart(a, room)
    await newPage()
    const b = await takePart(await newWindow(), room)
    const thaw = await freeze(a)
    const frozen = Date.now()
    await leads(b)
    expect(Date.now() - frozen).toBeGreaterThan(5000)
    expect(await b.evaluate(() => tabKit.requests.join(' '))).toMatch(BY_FORCE)
    // Its messages are still handled, and it hears that there is another.
    expect(await agreed([a, b], AT_ONCE_MS)).toBe(b)
    await thaw()
    expect(await agreed([a, b], AT_ONCE_MS)).toBe(b)
    const log = await a.evaluate(() => tabKit.log)
    const [resumed, down] = ['resume', 'follower'].map((line) => log.find((entry) => entry.line === line))
    expect((down?.at ?? Infinity) - (resumed?.at ?? 0)).toBeLessThan(AWAKE_MS)
  })

  test('that hangs is replaced by force within 15 s, and steps down as soon as it runs', async () => {
    const room = newRoom()
    const a = await takePart(await newWindow(), room)
    const b = await takePart(await newWindow(), room)
    await a.evaluate(() => tabKit.hang(25_000))
    const hung = Date.now()
    expect(await agreed([b])).toBe(b)
    expect(Date.now() - hung).toBeGreaterThan(5000)
    expect(await b.evaluate(() => tabKit.requests.join(' '))).toMatch(BY_FORCE)
    expect(await agreed([a, b])).toBe(b)
    const log = await a.evaluate(() => tabKit.log)
    const [runs, down] = ['hung', 'follower'].map((line) => log.find((entry) => entry.line === line))
    expect((down?.at ?? Infinity) - (runs?.at ?? 0)).toBeLessThan(AWAKE_MS)
  })

  test('that took its lock into the back/forward cache loses it to a new request, without force', async () => {
    const room = newRoom()
    const a = await newPage()
    await a.evaluate(() => tabKit.tellNothing())
    await takePart(a, room)
    const b = await takePart(await newWindow(), room)
    await a.evaluate(() => tabKit.closeChannel())
    await putAway(a)
    expect(await agreed([b])).toBe(b)
    expect(await b.evaluate(() => tabKit.requests)).toEqual(['queue', 'queue'])
    expect(await fetchBack(a)).toBe(false)
  })

  test('that is hidden for long hands over to a visible tab, past hidden ones, and follows it', async () => {
    const room = newRoom()
    const handOverMs = 1000
    const [a, b] = await tabs(2, room, { handOverMs })
    await newPage()
    if (!a || !b) throw new Error('no pages')
    await a.waitForTimeout(2 * handOverMs)
    expect(await role(a)).toBe('leader')
    const c = await takePart(await newWindow(), room, { handOverMs })
    expect(await agreed([a, b, c], AT_ONCE_MS)).toBe(c)
    expect(await lines(b)).not.toContain('leader')
    await a.bringToFront()
    await a.waitForTimeout(2 * handOverMs)
    expect(await agreed([a, b, c], AT_ONCE_MS)).toBe(c)
  })
})

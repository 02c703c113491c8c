import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { PlainChromium } from '../e2e/plain-chromium.ts'
import { createWorld, type World } from '../support/world.ts'
import { AppPages } from './app-pages.ts'
import { executed, writeDown } from './executed.ts'

/** A busy machine takes its time. */
const PATIENT = { timeout: 40_000 }
/** And yet it is sooner than by a socket that is given up because nothing comes. */
const SOON = { timeout: 12_000 }

let world: World
let chromium: PlainChromium
let context: BrowserContext
let pages: AppPages
beforeAll(async () => {
  ;[world, chromium, pages] = await Promise.all([createWorld(), PlainChromium.launch(), AppPages.start()])
  context = chromium.context
})
afterEach(async () => {
  const open = context.pages()
  // The browser ends with its last page.
  await context.newPage()
  for (const page of open) await page.close({ runBeforeUnload: false }).catch(() => {})
})
afterAll(async () => {
  await chromium?.close()
  await pages?.stop()
  await world?.stop()
})

const userOf = (room: string, port?: number) => ({
  url: world.url(room, { userId: 'alice' }, port),
  user: 'alice',
  room,
})
const rolesOf = (tabs: readonly Page[]) => Promise.all(tabs.map((tab) => tab.evaluate(() => app.role())))

test('what one tab writes is in all of them before the server has answered, and is gone from all when it is refused [J8, R18]', async () => {
  const room = 'refused'
  const proxy = await world.frameProxy()
  await world.sql(room, `INSERT INTO notes VALUES ('first', 'first', 'first')`)
  const tabs: Page[] = []
  for (let i = 0; i < 3; i++) tabs.push(await pages.open(context, userOf(room, proxy.port)))
  for (const tab of tabs) await expect.poll(() => tab.evaluate(() => app.size()), PATIENT).toBe(1)
  proxy.rule = ({ from }) => (from === 'server' ? 'hold' : 'pass')
  const writer = tabs[(await rolesOf(tabs)).indexOf('follower')]
  await writer?.evaluate(() => app.insertRefused('refused', 'refused'))
  for (const tab of tabs) {
    await expect.poll(() => tab.evaluate(() => app.size()), SOON).toBe(2)
    expect(await tab.evaluate(() => app.pending())).toBe(1)
  }
  proxy.rule = () => 'pass'
  for (const link of proxy.links) link.release()
  for (const tab of tabs) {
    await expect.poll(() => tab.evaluate(() => app.pending()), PATIENT).toBe(0)
    await expect.poll(() => tab.evaluate(() => app.shown()), PATIENT).toEqual(['first=first'])
    expect(await tab.evaluate(() => app.failed())).toEqual(['constraint-failed refused'])
    expect(await tab.evaluate(() => app.complaints())).toEqual([])
  }
})

test('when the leader crashes in the middle of a first load, another tab brings all rows to the rest [J8, R4]', async () => {
  const room = 'first-load'
  const rows = 5000
  const proxy = await world.frameProxy()
  await world.sql(
    room,
    `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${rows})
     INSERT INTO notes SELECT printf('n%05d', i), printf('n%05d', i), printf('title %0100d', i) FROM n`,
  )
  // The first chunk passes, and no other.
  const cut = () => proxy.links[0]?.serverFrames('chunk').length ?? 0
  proxy.rule = ({ from, frame }, link) =>
    link.index === 0 && from === 'server' && frame?.type !== 'welcome' && cut() > 1 ? 'hold' : 'pass'
  const leader = await pages.open(context, userOf(room, proxy.port))
  await expect.poll(() => leader.evaluate(() => app.role()), PATIENT).toBe('leader')
  const others = [
    await pages.open(context, userOf(room, proxy.port)),
    await pages.open(context, userOf(room, proxy.port)),
  ]
  await expect.poll(cut, PATIENT).toBeGreaterThan(1)
  expect(await rolesOf(others)).toEqual(['follower', 'follower'])
  for (const tab of others) expect(await tab.evaluate(() => app.size())).toBe(0)
  const crashed = leader.waitForEvent('crash')
  const devtools = await context.newCDPSession(leader)
  void devtools.send('Page.crash').catch(() => {})
  await crashed
  for (const tab of others) await expect.poll(() => tab.evaluate(() => app.size()), SOON).toBe(rows)
  await expect.poll(() => others[0]?.evaluate(() => app.keptRows()), PATIENT).toBe(rows)
  await expect.poll(async () => (await world.stats(room)).sockets, PATIENT).toBe(1)
})

const LACKS = {
  locks: () => Object.defineProperty(Navigator.prototype, 'locks', { value: undefined }),
  channels: () => Object.defineProperty(globalThis, 'BroadcastChannel', { value: undefined }),
  'locks and channels': () => {
    Object.defineProperty(Navigator.prototype, 'locks', { value: undefined })
    Object.defineProperty(globalThis, 'BroadcastChannel', { value: undefined })
  },
} as const

test.each(['locks', 'channels', 'locks and channels'] as const)(
  'without %s every tab has a socket of its own, all keep one storage, and what they write arrives once, each tab’s in its order [R7, R24]',
  async (what) => {
    const room = `without-${what.replaceAll(' ', '-')}`
    await world.sql(room, `INSERT INTO notes VALUES ('first', 'first', 'first')`)
    await writeDown(world, room)
    const open = async () => {
      const page = await context.newPage()
      await page.addInitScript(LACKS[what])
      await page.goto(pages.url)
      await page.evaluate((options) => app.open(options), userOf(room))
      return page
    }
    const tabs = [await open(), await open(), await open()]
    for (const tab of tabs) await expect.poll(() => tab.evaluate(() => app.size()), PATIENT).toBe(1)
    expect(await rolesOf(tabs)).toEqual(['alone', 'alone', 'alone'])
    await expect.poll(async () => (await world.stats(room)).sockets, PATIENT).toBe(3)
    const write = (from: number) =>
      Promise.all(
        tabs.map((tab, i) => tab.evaluate(([n, start]) => app.writeMany(`t${n}`, 5, 5, start), [i, from])),
      )
    await write(0)
    for (const tab of tabs) await expect.poll(() => tab.evaluate(() => app.size()), PATIENT).toBe(16)
    await world.kill()
    await write(5)
    // The storage is one: whoever comes next has it all.
    for (const tab of tabs) await tab.close({ runBeforeUnload: false })
    const next = await open()
    await expect.poll(() => next.evaluate(() => app.size()), PATIENT).toBe(31)
    await world.start()
    await expect.poll(() => next.evaluate(() => app.pending()), PATIENT).toBe(0)
    const ran = await executed(world, room)
    expect(ran.length).toBe(30)
    for (let i = 0; i < 3; i++) {
      const own = ran.filter((line) => line.startsWith(`insert t${i}-`))
      expect(own).toEqual(Array.from({ length: 10 }, (_, n) => `insert t${i}-00${n}`))
    }
    expect(await next.evaluate(() => app.complaints())).toEqual([])
  },
  180_000,
)

import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { PlainChromium } from '../e2e/plain-chromium.ts'
import { createWorld, type World } from '../support/world.ts'
import { AppPages } from './app-pages.ts'
import { executed, writeDown } from './executed.ts'

const TABS = 10
const WRITES = 20
/** From a fault until the next write reaches exactly one socket, and what a busy machine adds to that: late timers, more heartbeats. */
const ONE_SOCKET = { timeout: 27_000, interval: 100 }

/** A busy machine takes its time. */
const PATIENT = { timeout: 20_000 }

let world: World
let chromium: PlainChromium
let pages: AppPages
beforeAll(async () => {
  ;[world, chromium, pages] = await Promise.all([createWorld(), PlainChromium.launch(), AppPages.start()])
})
afterAll(async () => {
  await chromium?.close()
  await pages?.stop()
  await world?.stop()
})

const oneSocket = (room: string) =>
  expect.poll(async () => (await world.stats(room)).sockets, ONE_SOCKET).toBe(1)

async function leaderOf(tabs: readonly Page[]): Promise<Page> {
  for (const tab of tabs) if ((await tab.evaluate(() => app.role())) === 'leader') return tab
  throw new Error('nobody leads')
}

/** Without one that is closed over its unsent writes: it asks. */
const close = (page: Page) => page.close({ runBeforeUnload: false })

test('ten tabs are one: what they write arrives once, in the order of each tab, over one socket, whatever happens to tabs [J8, R24]', async () => {
  const room = 'ten'
  await world.sql(room, `INSERT INTO notes VALUES ('first', 'first', 'first')`)
  await writeDown(world, room)
  const options = { url: world.url(room), user: 'alice', room }
  const open = () => pages.open(chromium.context, options)
  const tabs: Page[] = []
  for (let i = 0; i < TABS; i++) tabs.push(await open())
  for (const tab of tabs) await expect.poll(() => tab.evaluate(() => app.size()), PATIENT).toBe(1)
  await oneSocket(room)

  const write = (tab: Page, i: number, count: number, from = 0) =>
    tab.evaluate(([name, n, start]) => app.writeMany(name, n, 15, start), [`t${i}`, count, from] as const)
  await Promise.all(tabs.map((tab, i) => write(tab, i, WRITES / 2)))
  // Three are closed as soon as the last of their writes is kept, the leader among them.
  const leader = await leaderOf(tabs)
  const closing = [leader, ...tabs.filter((tab) => tab !== leader)].slice(0, 3)
  // Two are frozen in the middle of theirs.
  const frozen = tabs.filter((tab) => !closing.includes(tab)).slice(0, 2)
  const thaws: (() => Promise<void>)[] = []
  const rest = tabs.map(async (tab, i) => {
    const done = write(tab, i, WRITES / 2, WRITES / 2)
    if (frozen.includes(tab)) return done.catch(() => {})
    await done
    if (closing.includes(tab)) await close(tab)
    return undefined
  })
  for (const tab of frozen) thaws.push(await chromium.freeze(tab))
  await Promise.all(rest.filter((_, i) => !frozen.includes(tabs[i] as Page)))
  await oneSocket(room)
  for (const thaw of thaws) await thaw()
  await Promise.all(rest)

  const left = tabs.filter((tab) => !closing.includes(tab))
  for (const tab of left) {
    await expect.poll(() => tab.evaluate(() => app.size()), { timeout: 30_000 }).toBe(TABS * WRITES + 1)
    await expect.poll(() => tab.evaluate(() => app.pending()), { timeout: 30_000 }).toBe(0)
  }
  await oneSocket(room)
  const ran = await executed(world, room)
  expect(ran.length).toBe(TABS * WRITES)
  for (let i = 0; i < TABS; i++) {
    const own = ran.filter((line) => line.startsWith(`insert t${i}-`))
    expect(own).toEqual(
      Array.from({ length: WRITES }, (_, n) => `insert t${i}-${String(n).padStart(3, '0')}`),
    )
  }
  for (const tab of left) expect(await tab.evaluate(() => app.complaints())).toEqual([])
  for (const tab of left) await close(tab)
})

import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { PlainChromium } from '../e2e/plain-chromium.ts'
import type { TcpProxy } from '../support/proxy.ts'
import { createWorld, type World } from '../support/world.ts'
import { AppPages } from './app-pages.ts'

/** From a fault until the next write reaches exactly one socket, and what a busy machine adds to that: late timers, more heartbeats. */
const ONE_SOCKET = { timeout: 27_000, interval: 100 }

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

interface Fault {
  readonly name: string
  /** Returns what mends it. */
  readonly happen: (leader: Page, proxy: TcpProxy) => Promise<() => Promise<void>>
}

const nothing = async () => {}

const FAULTS: readonly Fault[] = [
  {
    name: 'closed',
    happen: async (leader) => {
      await leader.close({ runBeforeUnload: false })
      return nothing
    },
  },
  {
    name: 'crashed',
    happen: async (leader) => {
      const crashed = leader.waitForEvent('crash')
      const devtools = await chromium.context.newCDPSession(leader)
      void devtools.send('Page.crash').catch(() => {})
      await crashed
      return async () => leader.close()
    },
  },
  { name: 'frozen', happen: (leader) => chromium.freeze(leader) },
  {
    name: 'put into the back/forward cache',
    happen: async (leader) => {
      await leader.goto(`${pages.url}elsewhere`)
      return nothing
    },
  },
  {
    name: 'cut from the network',
    happen: async (_, proxy) => {
      proxy.cut()
      return nothing
    },
  },
]

test.each(FAULTS)(
  'within fifteen seconds of its leader being $name, a device has one socket again, and every tab is live [J8, R24]',
  async ({ name, happen }) => {
    const room = `fault-${name.replaceAll(/\W/g, '-')}`
    const proxy = await world.proxy()
    const options = { url: world.url(room, { userId: 'alice' }, proxy.port), user: 'alice', room }
    await world.sql(room, `INSERT INTO notes VALUES ('first', 'first', 'first')`)
    const tabs: Page[] = []
    for (let i = 0; i < 4; i++) tabs.push(await pages.open(chromium.context, options))
    for (const tab of tabs) await expect.poll(() => tab.evaluate(() => app.size()), ONE_SOCKET).toBe(1)
    const roles = await Promise.all(tabs.map((tab) => tab.evaluate(() => app.role())))
    const leader = tabs[roles.indexOf('leader')]
    if (!leader) throw new Error('nobody leads')
    // The page in front is what the user sees; one in the background leads.
    const others = tabs.filter((tab) => tab !== leader)

    const mend = await happen(leader, proxy)
    const [writer, reader] = others
    await writer?.evaluate(() => app.insert('after', 'the fault'))
    await expect.poll(async () => (await world.rows(room, 'notes')).length, ONE_SOCKET).toBe(2)
    await expect.poll(async () => (await world.stats(room)).sockets, ONE_SOCKET).toBe(1)
    for (const tab of others) await expect.poll(() => tab.evaluate(() => app.size()), ONE_SOCKET).toBe(2)
    // What others write arrives in every tab.
    await world.sql(room, `INSERT INTO notes VALUES ('remote', 'remote', 'remote')`)
    await expect.poll(() => reader?.evaluate(() => app.size()), ONE_SOCKET).toBe(3)
    await mend()
    for (const tab of others) {
      await expect.poll(() => tab.evaluate(() => app.pending()), ONE_SOCKET).toBe(0)
      expect(await tab.evaluate(() => app.complaints())).toEqual([])
    }
    await expect.poll(async () => (await world.stats(room)).sockets, ONE_SOCKET).toBe(1)
    // The browser ends with its last page.
    await chromium.context.newPage()
    for (const tab of tabs) await tab.close({ runBeforeUnload: false }).catch(() => {})
  },
)

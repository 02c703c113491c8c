import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { databaseName, FORMAT } from '../../core/src/persistence/database-layout.ts'
import { launchChromium } from '../support/chromium.ts'
import { createWorld, type World } from '../support/world.ts'
import { AppPages } from './app-pages.ts'

/** A busy machine takes its time. */
const PATIENT = { timeout: 40_000 }

const UNSENT = 'unsent=secret of alice'
const SECRET = /secret of alice/

declare global {
  /** Inside a page: what came over any channel, as text. */
  var heard: string[]
}

let world: World
let browser: Browser
let pages: AppPages
let device: BrowserContext
beforeAll(async () => {
  ;[browser, pages] = await Promise.all([launchChromium(), AppPages.start()])
})
beforeEach(async () => {
  ;[world, device] = await Promise.all([createWorld(), browser.newContext()])
})
afterEach(async () => {
  await device?.close()
  await world?.stop()
})
afterAll(async () => {
  await browser?.close()
  await pages?.stop()
})

/** Writes down what comes over the channels of a page. */
function listen(): void {
  const Channel = BroadcastChannel
  globalThis.heard = []
  globalThis.BroadcastChannel = class extends Channel {
    constructor(name: string) {
      super(name)
      this.addEventListener('message', ({ data }) => heard.push(JSON.stringify(data)))
    }
  }
}

const userOf = (user: string, room: string) => ({ url: world.url(room, { userId: user }), user, room })

async function openThree(user: string, room: string): Promise<[Page, Page, Page]> {
  const open = () => pages.open(device, userOf(user, room))
  return [await open(), await open(), await open()]
}

/** What the user of a tab sees. */
const look = (tab: Page) =>
  tab.evaluate(() => ({ rows: app.shown(), pending: app.pending(), failed: app.failed() }))

async function allSee(tabs: readonly Page[], what: Awaited<ReturnType<typeof look>>): Promise<void> {
  for (const tab of tabs) await expect.poll(() => look(tab), PATIENT).toEqual(what)
}

const heardIn = (tab: Page): Promise<string> => tab.evaluate(() => heard.join('\n'))

const NOTHING = { rows: [], pending: 0, failed: [] }

test.each(['refuse', 'keep', 'discard'] as const)(
  'who signs out in one of three tabs, unsent writes: %s, is gone from all of them, and whoever signs in next finds no trace [J9, R17]',
  async (pending) => {
    const room = `logout-${pending}`
    await world.sql(room, `INSERT INTO notes VALUES ('row', 'row', 'of all')`)
    await device.addInitScript(listen)
    const tabs = await openThree('alice', room)
    await allSee(tabs, { rows: ['row=of all'], pending: 0, failed: [] })
    await tabs[0].evaluate(() => app.insertRefused('refused', 'secret of alice'))
    const failed = [expect.stringContaining('refused')]
    await allSee(tabs, { rows: ['row=of all'], pending: 0, failed })
    // Somebody else uses the same browser meanwhile.
    const bob = await pages.open(device, userOf('bob', room))
    await allSee([bob], { rows: ['row=of all'], pending: 0, failed: [] })
    await world.kill()
    await tabs[1].evaluate(() => app.insert('unsent', 'secret of alice'))
    const before = { rows: ['row=of all', UNSENT], pending: 1, failed }
    await allSee(tabs, before)
    for (const tab of [tabs[0], tabs[2]]) expect(await heardIn(tab)).toMatch(SECRET)

    if (pending === 'refuse') {
      expect(await tabs[2].evaluate((how) => app.logout({ pending: how }), pending)).toBe('unsent-writes')
      await allSee(tabs, before)
      await world.start()
      await allSee(tabs, { ...before, pending: 0 })
      await allSee([bob], { rows: ['row=of all', UNSENT], pending: 0, failed: [] })
    }
    const isSent = pending === 'refuse'
    expect(await tabs[2].evaluate((how) => app.logout({ pending: how }), pending)).toBe('done')
    await allSee(tabs, NOTHING)
    for (const tab of tabs) {
      await expect.poll(() => tab.evaluate(() => app.status()), PATIENT).toBe('closed')
      expect(await tab.evaluate(() => app.health())).toBe('closed')
    }
    const records = await bob.evaluate(() => app.stored())
    const ofAlice = databaseName({ app: 'offline-test', endpoint: 'test', user: 'alice' }, FORMAT)
    const left = records.filter(({ database, store }) => database === ofAlice && store !== 'spare')
    // What is kept are the write, the number under which it may have been sent, and the one that was refused.
    expect(left.map(({ store }) => store).filter((store) => store !== 'marks')).toEqual(
      pending === 'keep' ? ['failed', 'writes'] : [],
    )
    const elsewhere = records.filter(({ database }) => database !== ofAlice).map(({ text }) => text)
    expect(elsewhere.length).toBeGreaterThan(0)
    expect(elsewhere.filter((text) => /refused/.test(text) || (!isSent && SECRET.test(text)))).toEqual([])

    // Whoever signs in next does so in the tab of the last one, too, and without a server: all there can be is the device's.
    if (isSent) await world.kill()
    await tabs[0].goto(`${pages.url}elsewhere`)
    const carol = await openThree('carol', room)
    for (const [i, tab] of carol.entries()) {
      await tab.evaluate((name) => app.insert(`own${name}`, 'of carol'), i)
    }
    const own = ['own0=of carol', 'own1=of carol', 'own2=of carol']
    await allSee(carol, { rows: own, pending: 3, failed: [] })
    await world.start()
    const others = isSent ? ['row=of all', UNSENT] : ['row=of all']
    await allSee(carol, { rows: [...own, ...others], pending: 0, failed: [] })
    await allSee([bob], { rows: [...own, ...others], pending: 0, failed: [] })
    // Nobody is left who would speak for Alice.
    await expect.poll(async () => (await world.stats(room)).sockets, PATIENT).toBe(2)
    await allSee(tabs.slice(1), NOTHING)
    for (const tab of [bob, ...carol]) {
      const told = await heardIn(tab)
      expect(told).not.toMatch(/refused/)
      if (!isSent) expect(told).not.toMatch(SECRET)
    }

    const again = await pages.open(device, userOf('alice', room))
    const isThere = pending !== 'discard'
    await allSee([again], {
      rows: isThere ? [...own, 'row=of all', UNSENT] : [...own, 'row=of all'],
      pending: 0,
      failed: pending === 'keep' ? failed : [],
    })
    expect((await world.rows(room, 'notes')).map(({ id }) => id)).toEqual([
      ...['own0', 'own1', 'own2', 'row'],
      ...(isThere ? ['unsent'] : []),
    ])
  },
  180_000,
)

import { decodeServerFrame, PONG } from '@durable-sync/core/wire'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { launchChromium } from '../support/chromium.ts'
import { ChatWindow } from './chat-window.ts'
import { type PageProxy, startPageProxy } from './page-proxy.ts'
import { PlaygroundServer } from './playground-server.ts'
import { SteadyWriter } from './steady-writer.ts'
import { type StoredMessage, storedMessages } from './stored-messages.ts'

const KILLS = 3
const ROOM = 'kills'
/** A dozen frames or so. */
const MISSED_BYTES = 5000

let server: PlaygroundServer
let browser: Browser
let proxy: PageProxy
beforeAll(async () => {
  ;[server, browser] = await Promise.all([PlaygroundServer.create(), launchChromium()])
  proxy = await startPageProxy(() => server.port)
})
afterAll(async () => {
  await browser?.close()
  await proxy?.stop()
  await server?.stop()
})

const open = async () => ChatWindow.open(await browser.newContext(), proxy.url, ROOM)

/** How many writes of a window had happened when the server died, and the window did not know. */
function unknownToThem({ heard }: ChatWindow): number {
  const decided = new Map<string, number>()
  let count = 0
  for (const text of heard) {
    const frame = text === PONG ? undefined : decodeServerFrame(text)
    if (frame?.type === 'changes') for (const { cid, n } of frame.settled ?? []) decided.set(cid, n)
    if (frame?.type !== 'welcome') continue
    for (const { cid, last } of frame.cids) {
      count += last - (decided.get(cid) ?? 0)
      decided.set(cid, last)
    }
  }
  return count
}

/** After a long outage the next attempt may be half a minute away; a network that comes back brings it forward. */
async function hurry(window: ChatWindow): Promise<void> {
  if ((await window.state()) === 'connected') return
  await window.page.context().setOffline(true)
  await window.page.context().setOffline(false)
}

/** As the page sorts them. */
const inOrder = (a: StoredMessage, b: StoredMessage): number =>
  a.created_at - b.created_at || (a.id < b.id ? -1 : 1)

test('what two windows write while the server is killed three times is on both screens and on disk once, in one order [B2, C6, G3]', {
  timeout: 180_000,
}, async () => {
  const windows = await Promise.all([open(), open()])
  const [left, right] = windows
  const [one, two] = await Promise.all([SteadyWriter.start(left, 'w1'), SteadyWriter.start(right, 'w2')])
  const conversing = () => Promise.all([one.hears(two), two.hears(one)])
  const unsent: number[] = []
  for (let kill = 1; kill <= KILLS; kill++) {
    await conversing()
    // The server goes on for a moment and nobody hears of it: what it does now is done, and nobody knows.
    proxy.mute()
    await expect.poll(() => Math.min(...proxy.missed()), { timeout: 30_000 }).toBeGreaterThan(MISSED_BYTES)
    await server.kill()
    await Promise.all(windows.map((window) => window.becomes('reconnecting')))
    await server.start()
    unsent.push(await left.unsent(), await right.unsent())
    await Promise.all(windows.map(hurry))
  }
  await conversing()
  const written = await Promise.all([one.stop(), two.stop()])
  for (const window of windows) {
    await window.settles()
    for (const { typed } of written) await window.shows(typed.at(-1) ?? '')
  }
  // What the screens showed while it happened, and what they show in the end.
  const records = await Promise.all(windows.map((window) => window.record()))
  for (const window of windows) await window.showAll()
  const screens = await Promise.all(windows.map((window) => window.messages()))
  await server.kill()
  const { integrity, messages } = await storedMessages(server.data, ROOM)
  const stored = [...messages].sort(inOrder)

  expect(integrity).toBe('ok')
  // Every marker was typed once, so equal sorted lists say that none is missing and none is there twice.
  expect(stored.map(({ content }) => content).sort()).toEqual(written.flatMap(({ typed }) => typed).sort())
  const drawn = stored.map(({ id, author, content }) => ({ id, author, content, state: 'confirmed' }))
  for (const screen of screens) expect(screen).toEqual(drawn)
  // Nothing came and went in between, and a message kept the id with which it was first drawn.
  const ids = new Map(stored.map(({ content, id }) => [content, id]))
  for (const record of records) {
    expect(record.faults).toEqual([])
    expect(Object.entries(record.ids).filter(([content, id]) => ids.get(content) !== id)).toEqual([])
    expect(record.states.filter((state) => state === 'reconnecting')).toHaveLength(KILLS)
  }
  for (const { page } of windows) expect(await page.getByTestId('refused').count()).toBe(0)
  expect(windows.flatMap((window) => window.ownComplaints)).toEqual([])
  // It was what it is meant to be: the server died on writes that it had carried out and not confirmed.
  const unknown = windows.map(unknownToThem)
  for (const count of unknown) expect(count).toBeGreaterThan(0)
  // The writers never stopped. On a machine that has nothing else to do they write twenty a second.
  for (const count of unsent) expect(count).toBeGreaterThan(10)
  for (const { rate } of written) expect(rate).toBeGreaterThan(5)
  console.log(`${stored.length} messages, ${written.map(({ rate }) => rate.toFixed(1))} a second`)
  console.log(`carried out and not confirmed when the server died: ${unknown}`)
  console.log(`unsent when the server was back: ${unsent}`)
})

import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { launchChromium } from '../support/chromium.ts'
import { cutAfterServerFrame } from '../support/frame-rules.ts'
import { createWorld, type World } from '../support/world.ts'

let world: World
let browser: Browser
beforeAll(async () => {
  ;[world, browser] = await Promise.all([createWorld(), launchChromium()])
})
afterAll(async () => {
  await browser.close()
  await world.stop()
})

/** A page of the Worker's own origin, which is a secure context. */
async function page(): Promise<Page> {
  const context = await browser.newContext()
  const opened = await context.newPage()
  await opened.goto(`http://127.0.0.1:${world.port}/`)
  return opened
}

/** Says `hello` on a socket of the page and returns what came until it was closed. */
const converse = (on: Page, url: string, hello: string) =>
  on.evaluate(
    ([address = '', first = '']) =>
      new Promise<{ code: number; frames: string[] }>((resolve) => {
        const frames: string[] = []
        const socket = new WebSocket(address)
        socket.onopen = () => socket.send(first)
        socket.onmessage = ({ data }) => frames.push(String(data))
        socket.onclose = ({ code }) => resolve({ code, frames })
      }),
    [url, hello],
  )

const hello = JSON.stringify({ type: 'hello', v: 1, client: 'browser', cids: [], at: null, subs: [] })

test('a browser reads every frame that was sent before a cut, and sees 1006', async () => {
  const proxy = await world.frameProxy()
  proxy.rule = cutAfterServerFrame(2)
  const { code, frames } = await converse(await page(), world.url('browser', undefined, proxy.port), hello)
  expect(code).toBe(1006)
  expect(frames).toHaveLength(2)
})

test('a browser sees the code with which an upgrade was refused', async () => {
  const { code, frames } = await converse(await page(), world.url('browser', null), hello)
  expect(code).toBe(4401)
  expect(frames).toHaveLength(1)
})

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { KillableChromium } from './killable-chromium.ts'
import { StoragePages } from './storage-page.ts'

let pages: StoragePages
let profile: string
let browser: KillableChromium
let page: Page
const launch = async () => {
  browser = await KillableChromium.launch(profile)
  page = await pages.open(browser.context)
}
beforeAll(async () => {
  pages = await StoragePages.start()
})
// A profile sees one kill: after the second one Chromium may take its database for broken.
beforeEach(async () => {
  profile = await mkdtemp(join(tmpdir(), 'stopped-'))
  await launch()
})
afterEach(async () => {
  await browser?.kill()
  await rm(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
})
afterAll(() => pages?.stop())

/** What a device does to what is there, in one commit or some. */
const COMMITS = ['keep', 'mark', 'settle', 'refuse', 'start over', 'compact', 'purge', 'carry over'] as const
type Commit = (typeof COMMITS)[number]

/** Rows at 40, in so many records that some are folded, a write that may have been sent, and one that was not. */
async function fill(user: string) {
  const { openRoom, shape, spec, at, row, pass, block, write } = kit
  const room = await openRoom(user)
  const rows = shape(spec('todos'), at(1), [row(1), row(2)])
  await room.commit({ replace: [rows], putWrites: [write('sent', { n: 1, sent: true }), write('unsent')] })
  for (let seq = 1; seq < 40; seq++)
    await room.commit({ passes: [pass(rows.key, seq, seq + 1, [block([row(1, `at ${seq + 1}`)])])] })
}

async function commit({ user, what }: { user: string; what: Commit }) {
  const { rooms, shape, spec, at, row, pass, block, write, failure, shapeKey } = kit
  const { room, device } = rooms.get(user) ?? {}
  const key = shapeKey(spec('todos'))
  const rows = [pass(key, 40, 41, [block([row(1, 'at 41')], ['k000002'])])]
  switch (what) {
    case 'keep':
      return void (await room?.commit({ putWrites: [write('new', { n: 2, sent: true }), write('newer')] }))
    case 'mark':
      return void (await room?.commit({ markWrites: [{ id: 'unsent', cid: 'c', n: 2, sent: true }] }))
    case 'settle':
      return void (await room?.commit({ passes: rows, deleteWrites: ['sent'] }))
    case 'refuse':
      return void (await room?.commit({
        passes: rows,
        deleteWrites: ['sent'],
        putFailed: [failure('sent')],
      }))
    case 'start over':
      return void (await room?.commit({ replace: [shape(spec('todos'), at(99, 'restored'), [row(9)])] }))
    case 'compact':
      return void (await kit.compactShape(user, key))
    case 'purge':
      return device?.purge()
    case 'carry over':
      await device?.close()
      return void (await kit.device(user, { format: 2 }).queue())
    default:
      return what satisfies never
  }
}

/** What the next page finds, in the newest format that there is. */
async function found({ user, what }: { user: string; what: Commit }) {
  const opened = kit.device(user, what === 'carry over' ? { format: 2 } : {})
  const { shapes } = await opened.room('room').load()
  const { writes, failed } = await opened.queue()
  await opened.close()
  const database = kit.nameOf(user, what === 'carry over' ? 2 : 1)
  return {
    generations: await kit.keysOf(database, 'heads'),
    rows: shapes.map((shape) => kit.seen(shape)),
    writes: writes.map(({ id, n, sent }) => [id, n, sent]),
    failed: failed.map(({ id }) => id),
  }
}

/** The long run also stops right before. */
const MOMENTS = process.env.DURABLE_SYNC_SOAK === '1' ? (['before', 'after'] as const) : (['after'] as const)

const CASES = COMMITS.flatMap((what) =>
  (what === 'carry over' ? [1, 2] : [1]).flatMap((nth) => MOMENTS.map((moment) => ({ what, nth, moment }))),
)

test.each(CASES)(
  'a browser that is killed $moment commit $nth of $what is asked for leaves all of it or nothing [R6]',
  async ({ what, nth, moment }) => {
    const user = `${what} ${nth} ${moment}`
    const control = { user: `control of ${user}`, what }
    await page.evaluate(fill, control.user)
    const old = what === 'carry over' ? undefined : await page.evaluate(found, control)
    await page.evaluate(commit, control)
    const next = await page.evaluate(found, control)
    await page.evaluate(fill, user)

    const devtools = await browser.context.newCDPSession(page)
    await devtools.send('Debugger.enable')
    const paused = new Promise((resolve) => devtools.once('Debugger.paused', resolve))
    await page.evaluate(([n, when]) => kit.stopAtCommit(n, when), [nth, moment] as const)
    page.evaluate(commit, { user, what }).catch(() => {})
    await paused
    await browser.kill()

    await launch()
    const left = await page.evaluate(found, { user, what })
    // An older format is carried over by whoever comes next: it is all there, once.
    if (what === 'carry over') expect(left).toEqual(next)
    else if (moment === 'before') expect(left).toEqual(old)
    else expect([old, next]).toContainEqual(left)
    expect(next).not.toEqual(old)
  },
)

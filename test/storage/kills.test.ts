import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { KillableChromium } from './killable-chromium.ts'
import { StoragePages } from './storage-page.ts'

const ROUNDS = process.env.DURABLE_SYNC_SOAK === '1' ? 20 : 2

let pages: StoragePages
let profile: string
let browser: KillableChromium | undefined
beforeAll(async () => {
  pages = await StoragePages.start()
  profile = await mkdtemp(join(tmpdir(), 'killed-'))
})
afterAll(async () => {
  await browser?.kill()
  await pages?.stop()
  await rm(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
})

/** Commits one pass after the other: 50 rows, the write that caused them out, the next one in. Says which are durable. */
async function commitForEver(durable: (seq: number) => void) {
  const { openRoom, shape, spec, at, row, pass, block, write } = kit
  const room = await openRoom('ada')
  const { shapes } = await room.load()
  const of = shape(spec('todos'), at(0), [row(0)])
  if (shapes.length === 0) await room.commit({ replace: [of], putWrites: [write('w0')] })
  const start = Number(shapes[0]?.position.split('.')[0] ?? 0)
  for (let seq = start + 1; ; seq++) {
    const rows = Array.from({ length: 50 }, (_, i) => row(i, `at ${seq}`))
    await room.commit({
      passes: [pass(of.key, seq - 1, seq, [block([...rows, row(1000 + seq)])])],
      deleteWrites: [`w${seq - 1}`],
      putWrites: [write(`w${seq}`)],
    })
    durable(seq)
  }
}

async function found() {
  const { device, spec, shapeKey, seen } = kit
  const fresh = device('ada')
  const { shapes, writes } = await fresh.room('room').load()
  await fresh.close()
  const shape = shapes.find(({ key }) => key === shapeKey(spec('todos')))
  if (!shape) return null
  const { position, titles } = seen(shape)
  const seq = Number(position.split('.')[0])
  const stale = Object.entries(titles).filter(([key, title]) => key < 'k000050' && title !== `at ${seq}`)
  return { seq, rows: Object.keys(titles).length, stale: stale.length, writes: writes.map(({ id }) => id) }
}

/** What is kept. Where nothing is left of it, Chromium has said why. */
async function look(browser: KillableChromium): Promise<Awaited<ReturnType<typeof found>>> {
  const page = await pages.open(browser.context)
  const state = await page.evaluate(found)
  if (state === null) await expect.poll(() => browser.hasDeletedStorage, { timeout: 5000 }).toBe(true)
  return state
}

test(
  'a browser that is killed between commits loses nothing that was durable, and tears nothing [R6]',
  async () => {
    let seenDurable = 0
    let deleted = 0
    for (let round = 0; round < ROUNDS; round++) {
      browser = await KillableChromium.launch(profile)
      if (seenDurable > 0 && (await look(browser)) === null) {
        seenDurable = 0
        deleted++
      }
      const page = await pages.open(browser.context)
      const told = { last: 0 }
      await page.exposeFunction('durable', (seq: number) => {
        told.last = seq
      })
      page.evaluate(`(${commitForEver.toString()})((seq) => globalThis.durable(seq))`).catch(() => {})
      const before = seenDurable
      await expect.poll(() => told.last, { timeout: 30_000 }).toBeGreaterThan(before + 3)
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 500))
      await browser.kill()
      const durable = told.last

      browser = await KillableChromium.launch(profile)
      const state = await look(browser)
      await browser.kill()
      if (state === null) {
        seenDurable = 0
        deleted++
        console.log(`killed at ${durable}, and Chromium deleted its database`)
        continue
      }
      // The commit that nobody was told of may have happened.
      expect(state.seq).toBeGreaterThanOrEqual(durable)
      const { seq } = state
      expect(state).toEqual({ seq, rows: 50 + seq, stale: 0, writes: [`w${seq}`] })
      seenDurable = seq
      console.log(`killed at ${durable}, ${seq} was there`)
    }
    expect(deleted).toBeLessThan(ROUNDS)
  },
  45_000 * ROUNDS,
)

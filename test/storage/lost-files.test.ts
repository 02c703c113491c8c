import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { KillableChromium } from './killable-chromium.ts'
import { StoragePages } from './storage-page.ts'

let pages: StoragePages
let profile: string
beforeAll(async () => {
  pages = await StoragePages.start()
  profile = await mkdtemp(join(tmpdir(), 'lost-files-'))
})
afterAll(async () => {
  await pages?.stop()
  await rm(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
})

/** Chromium keeps values above 64 KiB in files of their own. */
async function loseLargeValues(): Promise<number> {
  const entries = await readdir(join(profile, 'Default', 'IndexedDB'), {
    recursive: true,
    withFileTypes: true,
  })
  const files = entries.filter((entry) => entry.isFile() && entry.parentPath.includes('.indexeddb.blob'))
  for (const file of files) await rm(join(file.parentPath, file.name))
  return files.length
}

test('large values whose files are gone cost what they held, and nothing else', async () => {
  const first = await KillableChromium.launch(profile)
  const page = await pages.open(first.context)
  await page.evaluate(async () => {
    const { openRoom, shape, spec, at, row, write, sleep } = kit
    const noise = () =>
      Array.from(crypto.getRandomValues(new Uint8Array(400)), (byte) => byte.toString(36)).join('')
    const large = shape(
      spec('large'),
      at(2),
      Array.from({ length: 1000 }, (_, i) => row(i, noise())),
    )
    const small = shape(spec('small'), at(2), [row(1)])
    const call = { do: 'call', name: 'x', args: Array.from({ length: 500 }, noise).join('') } as const
    const room = await openRoom('ada')
    await room.commit({
      replace: [large, small],
      putWrites: [write('a'), write('large', { work: call }), write('b')],
    })
    await room.commit({ markWrites: [{ id: 'large', cid: 'c', n: 2, sent: true }] })
    await sleep(500)
  })
  await first.kill()
  expect(await loseLargeValues()).toBeGreaterThan(3)

  const second = await KillableChromium.launch(profile)
  try {
    const again = await pages.open(second.context)
    const errors: string[] = []
    again.on('pageerror', (error) => errors.push(String(error)))
    const found = await again.evaluate(async () => {
      const opened = kit.device('ada')
      const { shapes, writes, failed } = await opened.room('room').load()
      const queue = await opened.queue()
      await kit.until(async () => (await kit.keysOf(kit.nameOf('ada'), 'segs')).length === 1)
      const later = await kit.device('ada').room('room').load()
      return {
        shapes: shapes.map(({ spec }) => spec.collection),
        writes: writes.map(({ id }) => id),
        failed: failed.map(({ id, code, number }) => [id, code, number?.n]),
        queue: queue.writes.length,
        health: opened.health.get().is,
        later: [later.shapes.length, later.writes.length, later.failed.length],
      }
    })
    expect(found).toEqual({
      shapes: ['small'],
      writes: ['a', 'b'],
      failed: [['large', 'write-unreadable', 2]],
      queue: 2,
      health: 'durable',
      later: [1, 2, 1],
    })
    expect(errors).toEqual([])
  } finally {
    await second.kill()
  }
})

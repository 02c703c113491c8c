import { execFileSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { mkdtemp, rm, statfs, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { KillableChromium } from './killable-chromium.ts'
import { StoragePages } from './storage-page.ts'

const DISK = '96m'

let disk: string
let mounted: boolean
let pages: StoragePages
beforeAll(async () => {
  pages = await StoragePages.start()
  disk = await mkdtemp(join(tmpdir(), 'disk-'))
  mounted = mount(disk)
})
afterAll(async () => {
  if (mounted) execFileSync('umount', ['-l', disk])
  await rm(disk, { recursive: true, force: true })
  await pages?.stop()
})

/** A small disk in memory. Only some machines let a test have one. */
function mount(folder: string): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK}`, 'tmpfs', folder], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

test('on a disk that is full rows are given up and writes are kept, and rows are kept again when there is room', async ({
  skip,
}) => {
  if (!mounted) skip('this machine does not let a test mount a disk')
  const browser = await KillableChromium.launch(join(disk, 'profile'))
  try {
    const page = await pages.open(browser.context)
    await page.evaluate(async () => {
      const { openRoom, shape, spec, at, row, write } = kit
      const room = await openRoom('ada')
      const replace = [shape(spec('todos'), at(1), [row(1)])]
      await room.commit({ replace, putWrites: [write('confirmed'), write('refused')] })
    })
    const { bavail, bsize } = await statfs(disk)
    const filler = join(disk, 'filler')
    await writeFile(filler, new Uint8Array(Math.max(0, bavail * bsize - 1_500_000)))
    const full = await page.evaluate(async () => {
      const { rooms, shape, spec, at, row, write, failure } = kit
      const { room, device } = rooms.get('ada') ?? {}
      const noise = () =>
        Array.from(crypto.getRandomValues(new Uint8Array(400)), (byte) => byte.toString(36)).join('')
      const rows = Array.from({ length: 8000 }, (_, i) => row(i, noise()))
      const { adrift, ords } = (await room?.commit({
        replace: [shape(spec('todos'), at(2), rows)],
        putWrites: [write('w')],
        deleteWrites: ['confirmed', 'refused'],
        putFailed: [failure('refused')],
      })) ?? { adrift: [], ords: new Map() }
      return { adrift: adrift.length, ords: ords.size, health: device?.health.get().is }
    })
    rmSync(filler)
    const after = await page.evaluate(async () => {
      const { rooms, shape, spec, at, row, keptQueue, reloaded, shapeKey } = kit
      const { room, device } = rooms.get('ada') ?? {}
      const meanwhile = (await reloaded('ada', 'room'))[shapeKey(spec('todos'))]
      const kept = await keptQueue('ada')
      const again = await room?.commit({ replace: [shape(spec('todos'), at(3), [row(1), row(2)])] })
      const rows = Object.keys((await reloaded('ada', 'room'))[shapeKey(spec('todos'))]?.titles ?? {}).length
      return {
        meanwhile: meanwhile?.position,
        kept,
        again: again?.adrift,
        rows,
        health: device?.health.get().is,
      }
    })
    expect(full).toEqual({ adrift: 1, ords: 1, health: 'full' })
    // The rows that the confirmed write caused are not kept, so it is.
    const kept = { writes: ['confirmed', 'w'], failed: ['refused'] }
    expect(after).toEqual({ meanwhile: '1.n.o', kept, again: [], rows: 2, health: 'durable' })
  } finally {
    await browser.kill()
  }
})

import { expect, test } from 'vitest'
import { storageBrowser } from './storage-browser.ts'

const { tab } = storageBrowser()

test('a write of an older format that cannot be read is a failed one, once: discarded, it does not come back', async () => {
  const page = await tab()
  const found = await page.evaluate(async () => {
    const { device, nameOf, put, keysOf, valuesOf, write } = kit
    const old = device('ada', { format: 1 })
    await old.room('room').commit({ putWrites: [write('torn'), write('whole')] })
    await old.close()
    const [key = 0] = await keysOf(nameOf('ada', 1), 'writes')
    const [record] = await valuesOf(nameOf('ada', 1), 'writes')
    await put(nameOf('ada', 1), 'writes', key, { ...(record as object), text: '{' })
    const pages: unknown[] = []
    for (let i = 0; i < 2; i++) {
      const next = device('ada', { format: 2 })
      const room = next.room('room')
      const { writes, failed } = await room.load()
      pages.push({ writes: writes.map(({ id }) => id), failed: failed.map(({ id }) => id) })
      await room.commit({ deleteFailed: ['torn'] })
      await next.close()
    }
    return pages
  })
  expect(found).toEqual([
    { writes: ['whole'], failed: ['torn'] },
    { writes: ['whole'], failed: [] },
  ])
})

import { expect, test } from 'vitest'
import { storageBrowser } from './storage-browser.ts'

const { tab } = storageBrowser()

test('without room the rows of other rooms go first, then the own ones; writes are kept, and the app is told', async () => {
  const page = await tab()
  const found = await page.evaluate(async () => {
    const { openRoom, device, shape, spec, at, row, write, rooms, limitRows, mend, keptWrites, reloaded } =
      kit
    for (const [i, name] of ['oldest', 'older', 'newer', 'newest'].entries()) {
      const other = device('ada')
      await other.room(name).load()
      await other.room(name).commit({ replace: [shape(spec('todos'), at(1), [row(i)])] })
      await other.close()
      await kit.sleep(2)
    }
    const room = await openRoom('ada')
    const many = shape(
      spec('todos'),
      at(1),
      Array.from({ length: 1000 }, (_, i) => row(i)),
    )
    limitRows(10_000)
    const { adrift, ords } = await room.commit({ replace: [many], putWrites: [write('w')] })
    const health = rooms.get('ada')?.device.health.get().is
    mend()
    const left = []
    for (const name of ['oldest', 'older', 'newer', 'newest']) {
      if (Object.keys(await reloaded('ada', name)).length > 0) left.push(name)
    }
    const kept = await keptWrites('ada')
    const again = await room.commit({ replace: [many] })
    const later = rooms.get('ada')?.device.health.get().is
    return { adrift: adrift.length, ords: ords.size, health, left, kept, again: again.adrift, later }
  })
  expect(found).toEqual({
    adrift: 1,
    ords: 1,
    health: 'full',
    left: ['newer', 'newest'],
    kept: ['w'],
    again: [],
    later: 'durable',
  })
})

test('a write for which there is no room at all rejects', async () => {
  const page = await tab()
  const found = await page.evaluate(async () => {
    const room = await kit.openRoom('ada')
    kit.limitRows(-1)
    const big = kit.write('w')
    const failed = await room.commit({ putWrites: [big] }).then(
      () => 'kept',
      (error: Error) => error.name,
    )
    kit.mend()
    return { failed, kept: await kit.keptWrites('ada'), told: (await room.load()).writes.length }
  })
  expect(found).toEqual({ failed: 'QuotaExceededError', kept: [], told: 0 })
})

import { expect, test } from 'vitest'
import { storageBrowser } from './storage-browser.ts'

const { tab } = storageBrowser()

const STORES = ['heads', 'segs', 'log', 'thru', 'used', 'writes', 'marks', 'failed']

test.for([
  ['rows', { rows: 0, writes: ['w'], failed: 1 }],
  ['writes', { rows: 1, writes: [], failed: 0 }],
  ['nothing', { rows: 1, writes: ['w'], failed: 1 }],
  ['everything', { rows: 0, writes: [], failed: 0 }],
] as const)('a purge of %s leaves the rest for whoever opens the storage next', async ([what, left]) => {
  const page = await tab()
  const found = await page.evaluate(async (purged) => {
    const { openRoom, rooms, device, shape, spec, at, row, write } = kit
    const room = await openRoom('ada')
    await room.commit({
      replace: [shape(spec('todos'), at(1), [row(1)])],
      putWrites: [write('w', { n: 1 })],
      putFailed: [
        { id: 'f', code: 'denied', message: '', work: null, number: null, queuedAt: 1, failedAt: 1 },
      ],
    })
    await room.commit({ markWrites: [{ id: 'w', cid: 'c', n: 1, sent: true }] })
    const { device: old } = rooms.get('ada') ?? {}
    await old?.purge(purged)
    const { shapes, writes, failed } = await device('ada').room('room').load()
    return {
      health: old?.health.get(),
      left: { rows: shapes.length, writes: writes.map(({ id }) => id), failed: failed.length },
      sent: writes.every(({ sent }) => sent),
    }
  }, what)
  const health = { is: 'closed', why: 'purged', ...(left.writes.length > 0 && { left: 'writes' }) }
  expect(found).toEqual({ health, left, sent: true })
})

test('every store is one that a purge of everything clears', async () => {
  const page = await tab()
  const stores = await page.evaluate(async () => {
    await kit.openRoom('ada')
    const database = await kit.openDB(kit.nameOf('ada'))
    const names = [...database.objectStoreNames]
    database.close()
    return names
  })
  expect(stores.sort()).toEqual([...STORES, 'spare'].sort())
})

test('a purge where there is no database is one of nothing', async () => {
  const { indexedDBStorage } = await import('../../core/src/persistence/indexeddb-storage.ts')
  const device = indexedDBStorage({ name: 'app', user: 'ada' }).open('wss://example.test')
  await device.room('room').commit({ putWrites: [] })
  await device.purge()
  expect(device.health.get()).toEqual({ is: 'closed', why: 'purged' })
})

import { expect, test } from 'vitest'
import { storageBrowser } from './storage-browser.ts'

const { tab } = storageBrowser()

async function openWithoutDatabase() {
  Object.defineProperty(globalThis, 'indexedDB', { value: undefined, configurable: true })
  const room = await kit.openRoom('ada')
  await room.commit({ putWrites: [kit.write('w')] })
}

test('tabs without a database hear that the user has signed out, and keep nothing more in memory', async () => {
  const [a, b] = await Promise.all([tab(), tab()])
  await Promise.all([a.evaluate(openWithoutDatabase), b.evaluate(openWithoutDatabase)])
  await a.evaluate(() => kit.rooms.get('ada')?.device.purge())
  const found = await b.evaluate(async () => {
    const { room, device } = kit.rooms.get('ada') ?? {}
    await kit.until(() => device?.health.get().is === 'closed', 20_000)
    const late = await room
      ?.commit({ putWrites: [kit.write('late')] })
      .then(String, ({ name }: Error) => name)
    return { health: device?.health.get(), late }
  })
  expect(found).toEqual({ health: { is: 'closed', why: 'purged' }, late: 'StorageClosed' })
})

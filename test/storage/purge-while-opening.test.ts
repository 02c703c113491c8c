import { expect, test } from 'vitest'
import { storageBrowser } from './storage-browser.ts'

const { tab } = storageBrowser()

const PURGED = { is: 'closed', why: 'purged' }

test('a tab whose database has not answered yet hears that the user has signed out, and keeps nothing when it does', async () => {
  const [opening, other] = await Promise.all([tab(), tab()])
  await opening.evaluate(() => {
    const { device, hangOpen, rooms, write } = kit
    const release = hangOpen()
    const ada = device('ada')
    const room = ada.room('room')
    rooms.set('ada', { device: ada, room })
    const late = room.commit({ putWrites: [write('late')] })
    late.catch(() => {})
    ada.health.subscribe(release)
  })
  await other.evaluate(() => kit.openRoom('ada').then(() => kit.rooms.get('ada')?.device.purge()))
  const found = await opening.evaluate(async () => {
    const { device, room } = kit.rooms.get('ada') ?? {}
    await kit.until(() => device?.health.get().is === 'closed', 20_000)
    const later = await room
      ?.commit({ putWrites: [kit.write('later')] })
      .then(String, ({ name }: Error) => name)
    return { health: device?.health.get(), later, kept: await kit.keptWrites('ada') }
  })
  expect(found).toEqual({ health: PURGED, later: 'StorageClosed', kept: [] })
})

test('a logout that is heard between the answer of a database and its first use is final', async () => {
  const page = await tab()
  const found = await page.evaluate(async () => {
    const { device, nameOf, openDB, openRoom, afterNextTransaction, until, write, keptWrites } = kit
    await openRoom('ada')
    // Whoever signs out may have everything locked by then: what is read first waits for that.
    const lock = (await openDB(nameOf('ada'))).transaction('spare', 'readwrite')
    let locked = true
    const hold = () => {
      if (locked) void lock.store.get('birth').then(hold)
    }
    hold()
    const next = device('ada')
    const reading = new Promise<void>((resolve) => afterNextTransaction(resolve))
    const room = next.room('room')
    const loading = room.load().then(
      () => 'loaded',
      ({ name }: Error) => name,
    )
    await reading
    new BroadcastChannel(`${nameOf('ada')}/purge`).postMessage('everything')
    await until(() => next.health.get().is === 'closed', 20_000)
    locked = false
    const loaded = await loading
    const later = await room.commit({ putWrites: [write('later')] }).then(String, ({ name }: Error) => name)
    return { loaded, later, health: next.health.get(), kept: await keptWrites('ada') }
  })
  expect(found).toEqual({ loaded: 'StorageClosed', later: 'StorageClosed', health: PURGED, kept: [] })
})

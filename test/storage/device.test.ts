import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { storageBrowser } from './storage-browser.ts'

const { tab } = storageBrowser()

test('a storage can be made where there is no platform, and touches nothing until it is used', async () => {
  const file = fileURLToPath(new URL('../../core/src/persistence/indexeddb-storage.ts', import.meta.url))
  const script = `
    import { indexedDBStorage } from ${JSON.stringify(file)}
    const room = indexedDBStorage({ name: 'app', user: 'ada' }).open('wss://x').room('room')
    console.log(typeof room.load)`
  const args = ['--experimental-strip-types', '--no-warnings', '--input-type=module', '-e', script]
  const [major = 0] = process.versions.node.split('.').map(Number)
  if (major >= 22) expect(execFileSync(process.execPath, args, { encoding: 'utf8' }).trim()).toBe('function')
  const { indexedDBStorage } = await import('../../core/src/persistence/indexeddb-storage.ts')
  const device = indexedDBStorage({ name: 'app', user: 'ada' }).open('wss://example.test')
  expect(device.health.get()).toEqual({ is: 'idle' })
  await device.room('room').commit({ putWrites: [] })
  expect(device.health.get()).toMatchObject({ is: 'memory', why: 'absent' })
})

test('users, endpoints and formats have databases of their own, whose names say nothing of the user', async () => {
  const page = await tab()
  const found = await page.evaluate(async () => {
    const { indexedDBStorage, write, sleep } = kit
    for (const [user, endpoint] of [
      ['ada', 'wss://one.test'],
      ['bob', 'wss://one.test'],
      ['ada', 'wss://two.test'],
    ] as const) {
      const device = indexedDBStorage({ name: 'app', user }).open(endpoint)
      await device.room('room').commit({ putWrites: [write(`${user} ${endpoint}`)] })
      await device.close()
    }
    const fresh = async (user: string, endpoint: string) => {
      const { writes } = await indexedDBStorage({ name: 'app', user }).open(endpoint).room('room').load()
      return writes.map(({ id }) => id)
    }
    await sleep(50)
    const names = (await indexedDB.databases()).map(({ name }) => name ?? '')
    return {
      ada: await fresh('ada', 'wss://one.test'),
      bob: await fresh('bob', 'wss://one.test'),
      carol: await fresh('carol', 'wss://one.test'),
      names: names.filter((name) => name.startsWith('durable-sync/1/')).length,
      telling: names.filter((name) => /ada|bob|one/.test(name)),
    }
  })
  expect(found).toEqual({
    ada: ['ada wss://one.test'],
    bob: ['bob wss://one.test'],
    carol: [],
    names: 3,
    telling: [],
  })
})

test('what another user has left behind is found, and an empty database is not', async () => {
  const page = await tab()
  const found = await page.evaluate(async () => {
    const { openRoom, rooms, write, valuesOf, until, REGISTRY } = kit
    for (const [user, ids] of [
      ['ada', ['one', 'two']],
      ['bob', []],
    ] as const) {
      const room = await openRoom(user)
      await room.commit({ putWrites: ids.map((id) => write(id)) })
    }
    await until(async () => (await valuesOf(REGISTRY, 'databases').catch(() => [])).length === 2)
    for (const { device } of rooms.values()) await device.close()
    const left = await kit.device('carol').leftBehind()
    return left.map(({ app, endpoint, format, writes, failed }) => ({
      app,
      endpoint,
      format,
      writes,
      failed,
    }))
  })
  expect(found).toEqual([
    { app: 'app', endpoint: 'wss://example.test/sync', format: 1, writes: 2, failed: 0 },
  ])
})

test('a purge leaves nothing, in no tab, and a tab that writes on is told that nothing is kept', async () => {
  const [a, b] = await Promise.all([tab(), tab()])
  const fill = async (id: string) => {
    const { openRoom, shape, spec, at, row, write } = kit
    const room = await openRoom('ada')
    await room.commit({ replace: [shape(spec('todos'), at(1), [row(1)])], putWrites: [write(id)] })
  }
  await a.evaluate(fill, 'of a')
  await b.evaluate(fill, 'of b')
  await a.evaluate(() => kit.rooms.get('ada')?.device.purge())
  const other = await b.evaluate(async () => {
    const { device, room } = kit.rooms.get('ada') ?? {}
    const kept = await room?.commit({ putWrites: [kit.write('too late')] }).then(
      () => 'kept',
      (error: Error) => error.name,
    )
    return { health: device?.health.get(), kept }
  })
  expect(other).toEqual({ health: { is: 'closed', why: 'purged' }, kept: 'StorageClosed' })
  const left = await a.evaluate(async () => {
    const counts: Record<string, number> = {}
    for (const store of ['heads', 'segs', 'log', 'thru', 'used', 'writes', 'marks', 'failed']) {
      counts[store] = (await kit.keysOf(kit.nameOf('ada'), store)).length
    }
    // Signing in again is a new start.
    const room = await kit.openRoom('ada')
    await room.commit({ putWrites: [kit.write('new')] })
    return {
      total: Object.values(counts).reduce((sum, each) => sum + each, 0),
      later: await kit.keptWrites('ada'),
    }
  })
  expect(left).toEqual({ total: 0, later: ['new'] })
})

test('a new format takes the unsent writes of the old one along, with their numbers, once', async () => {
  const page = await tab()
  const found = await page.evaluate(async () => {
    const { openRoom, rooms, device, write, valuesOf, until, REGISTRY, keysOf, nameOf } = kit
    const room = await openRoom('ada')
    await room.commit({ putWrites: [write('a', { n: 1, sent: true }), write('b')] })
    await room.commit({ markWrites: [{ id: 'b', cid: 'c', n: 2, sent: true }] })
    await until(async () => (await valuesOf(REGISTRY, 'databases').catch(() => [])).length === 1)
    await rooms.get('ada')?.device.close()
    const newer = device('ada', { format: 2 })
    const { writes } = await newer.room('room').load()
    await newer.close()
    const again = await device('ada', { format: 2 }).queue()
    return {
      writes: writes.map(({ id, cid, n, sent }) => [id, cid, n, sent]),
      again: again.writes.length,
      old: (await keysOf(nameOf('ada', 1), 'writes')).length,
    }
  })
  expect(found).toEqual({
    writes: [
      ['a', 'c', 1, true],
      ['b', 'c', 2, true],
    ],
    again: 2,
    old: 0,
  })
})

test('a deletion by somebody else is not kept waiting', async () => {
  const page = await tab()
  const found = await page.evaluate(async () => {
    const room = await kit.openRoom('ada')
    await room.commit({ putWrites: [kit.write('w')] })
    const began = performance.now()
    await kit.deleteDB(kit.nameOf('ada'))
    return performance.now() - began
  })
  expect(found).toBeLessThan(2000)
})

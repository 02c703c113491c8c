import { expect, test } from 'vitest'
import { storageBrowser } from './storage-browser.ts'

const { tab } = storageBrowser()

test('a database that fails again and again is given up for a while: writes go on in memory, and are kept when it works', async () => {
  const page = await tab()
  const found = await page.evaluate(async () => {
    const {
      openRoom,
      shape,
      spec,
      at,
      row,
      pass,
      block,
      write,
      rooms,
      failToBegin,
      mend,
      keptWrites,
      sleep,
    } = kit
    const room = await openRoom('ada', 'room', { timings: { restMs: 300 } })
    const rows = shape(spec('todos'), at(1), [row(1)])
    await room.commit({ replace: [rows], putWrites: [write('before')] })
    failToBegin('UnknownError', Number.POSITIVE_INFINITY)
    const { ords, adrift } = await room.commit({
      passes: [pass(rows.key, 1, 2, [block([row(2)])])],
      putWrites: [write('meanwhile')],
    })
    const health = rooms.get('ada')?.device.health.get()
    const told = (await room.load()).writes.map(({ id }) => id)
    mend()
    await sleep(320)
    await room.commit({ putWrites: [write('after')] })
    return {
      kept: await keptWrites('ada'),
      told,
      ords: ords.size,
      adrift: adrift.length,
      health,
      later: rooms.get('ada')?.device.health.get(),
      position: (await kit.reloaded('ada', 'room'))[rows.key]?.position,
    }
  })
  expect(found).toMatchObject({
    kept: ['before', 'meanwhile', 'after'],
    told: ['before', 'meanwhile'],
    ords: 1,
    adrift: 1,
    health: { is: 'memory', why: 'broken' },
    later: { is: 'durable' },
    position: '1.n.o',
  })
})

test('a store that is deleted under the page is filled again with the writes that the page knows', async () => {
  const page = await tab()
  const devtools = await page.context().newCDPSession(page)
  const key = await page.evaluate(async () => {
    const { openRoom, shape, spec, at, row, write } = kit
    const room = await openRoom('ada')
    const rows = shape(spec('todos'), at(1), [row(1)])
    await room.commit({ replace: [rows], putWrites: [write('a'), write('b')] })
    await room.commit({ markWrites: [{ id: 'b', cid: 'c', n: 4, sent: true }] })
    return rows.key
  })
  const origin = new URL(page.url()).origin
  await devtools.send('Storage.clearDataForOrigin', { origin, storageTypes: 'indexeddb' })
  const found = await page.evaluate(async (key) => {
    const { rooms, write, pass, block, row } = kit
    const room = rooms.get('ada')?.room
    const done = await room?.commit({ passes: [pass(key, 1, 2, [block([row(2)])])], putWrites: [write('c')] })
    const { writes, shapes } = await kit.device('ada').room('room').load()
    return {
      adrift: done?.adrift,
      writes: writes.map(({ id, n, sent }) => [id, n, sent]),
      shapes: shapes.length,
    }
  }, key)
  expect(found).toEqual({
    adrift: [key],
    writes: [
      ['a', null, false],
      ['b', 4, true],
      ['c', null, false],
    ],
    shapes: 0,
  })
})

test('a tab that fills the store again knows less of a write than the tab that sent it, which has the last word', async () => {
  const [a, b] = await Promise.all([tab(), tab()])
  await a.evaluate(() => kit.openRoom('ada').then((room) => room.commit({ putWrites: [kit.write('w')] })))
  await b.evaluate(() => kit.openRoom('ada'))
  const markWrites = [{ id: 'w', cid: 'c', n: 1, sent: true }]
  await a.evaluate((given) => kit.rooms.get('ada')?.room.commit({ markWrites: given }), markWrites)
  const devtools = await a.context().newCDPSession(a)
  const origin = new URL(a.url()).origin
  await devtools.send('Storage.clearDataForOrigin', { origin, storageTypes: 'indexeddb' })
  const next = (id: string) => kit.rooms.get('ada')?.room.commit({ putWrites: [kit.write(id)] })
  await b.evaluate(next, 'of b')
  await a.evaluate(next, 'of a')
  const found = await b.evaluate(async () => (await kit.device('ada').queue()).writes)
  expect(found.map(({ id, n, sent }) => [id, n, sent])).toEqual([
    ['w', 1, true],
    ['of b', null, false],
    ['of a', null, false],
  ])
})

test('an open that never answers is given up, and its database is used when it answers after all', async () => {
  const page = await tab()
  const found = await page.evaluate(async () => {
    const release = kit.hangOpen()
    const began = performance.now()
    const room = await kit.openRoom('ada', 'room', { timings: { openMs: 200 } })
    const waited = performance.now() - began
    await room.commit({ putWrites: [kit.write('in memory')] })
    const health = kit.rooms.get('ada')?.device.health
    const before = health?.get()
    release()
    await kit.until(() => health?.get().is === 'durable')
    return { waited, before, kept: await kit.keptWrites('ada') }
  })
  expect(found.waited).toBeGreaterThan(190)
  expect(found.waited).toBeLessThan(2000)
  expect(found).toMatchObject({ before: { is: 'memory', why: 'timeout' }, kept: ['in memory'] })
})

test('where there is no database, or it is forbidden, everything is kept in memory', async () => {
  const page = await tab()
  const found = await page.evaluate(async () => {
    const health: unknown[] = []
    const real = Object.getOwnPropertyDescriptor(globalThis, 'indexedDB') ?? {}
    const lookups: PropertyDescriptor[] = [
      { value: undefined, configurable: true },
      {
        get: () => {
          throw new DOMException('opaque', 'SecurityError')
        },
        configurable: true,
      },
    ]
    for (const [i, lookup] of lookups.entries()) {
      Object.defineProperty(globalThis, 'indexedDB', lookup)
      const room = await kit.openRoom(`user ${i}`)
      await room.commit({ putWrites: [kit.write('w')] })
      const now = kit.rooms.get(`user ${i}`)?.device.health.get()
      health.push([now?.is, now?.is === 'memory' ? now.why : '', (await room.load()).writes.length])
    }
    Object.defineProperty(globalThis, 'indexedDB', real)
    return health
  })
  expect(found).toEqual([
    ['memory', 'absent', 1],
    ['memory', 'denied', 1],
  ])
})

test('what was refused or discarded while there was no database is in it when there is one again', async () => {
  const page = await tab()
  const found = await page.evaluate(async () => {
    const { openRoom, write, failure, failToBegin, mend, sleep } = kit
    const room = await openRoom('ada', 'room', { timings: { restMs: 300 } })
    await room.commit({ putWrites: [write('a'), write('b')], putFailed: [failure('old')] })
    failToBegin('UnknownError', Number.POSITIVE_INFINITY)
    await room.commit({ deleteWrites: ['a'], putFailed: [failure('a')], deleteFailed: ['old'] })
    mend()
    await sleep(320)
    const asked = kit.watchDurability()
    await room.queue()
    mend()
    return { asked, kept: await kit.keptQueue('ada') }
  })
  expect(found).toEqual({ asked: ['strict'], kept: { writes: ['b'], failed: ['a'] } })
})

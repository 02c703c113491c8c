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

test('writes whose rows could not be kept stay, with number and mark, and leave with the next that can', async () => {
  const page = await tab()
  const found = await page.evaluate(async () => {
    const { openRoom, shape, spec, at, row, pass, block, write, failure } = kit
    const room = await openRoom('ada')
    const of = shape(spec('todos'), at(1), [row(1)])
    const ids = ['settled before', 'confirmed', 'refused', 'confirmed after']
    await room.commit({ replace: [of], putWrites: ids.map((id, i) => write(id, { n: i + 1, sent: true })) })
    const rows = Array.from({ length: 1000 }, (_, i) => row(i))
    kit.limitRows(10_000)
    // In one transaction: what is settled behind the lost rows may have caused them.
    const [, { adrift }] = await Promise.all([
      room.commit({ deleteWrites: ['settled before'] }),
      room.commit({
        passes: [pass(of.key, 1, 2, [block(rows)])],
        deleteWrites: ['confirmed', 'refused'],
        putFailed: [failure('refused', { number: { cid: 'c', n: 3 } })],
      }),
      room.commit({ deleteWrites: ['confirmed after'] }),
    ])
    kit.mend()
    const other = kit.device('ada')
    const next = other.room('room')
    const stored = await next.load()
    const first = {
      position: stored.shapes[0]?.position,
      writes: stored.writes.map(({ id, n, sent }) => [id, n, sent]),
      failed: stored.failed.map(({ id }) => id),
    }
    // The next page has sent them again, and was answered.
    const deleteWrites = ['confirmed', 'confirmed after']
    const later = await next.commit({ passes: [pass(of.key, 1, 2, [block([row(2)])])], deleteWrites })
    return { adrift: adrift.length, first, later: later.adrift, left: await kit.keptWrites('ada') }
  })
  expect(found).toEqual({
    adrift: 1,
    first: {
      position: '1.n.o',
      writes: [
        ['confirmed', 2, true],
        ['confirmed after', 4, true],
      ],
      failed: ['refused'],
    },
    later: [],
    left: [],
  })
})

test('where rows find no room again and again the database is used all the same, and keeps every write', async () => {
  const page = await tab()
  const found = await page.evaluate(async () => {
    const { openRoom, rooms, shape, spec, at, row, write, limitRows, mend, keptWrites } = kit
    const room = await openRoom('ada')
    const many = Array.from({ length: 1000 }, (_, i) => row(i))
    limitRows(10_000)
    for (let i = 0; i < 12; i++) {
      await room.commit({ replace: [shape(spec(`todos ${i}`), at(1), many)] })
      await room.commit({ putWrites: [write(`w${i}`)] })
    }
    mend()
    return { health: rooms.get('ada')?.device.health.get().is, kept: (await keptWrites('ada')).length }
  })
  expect(found).toEqual({ health: 'full', kept: 12 })
})

test('a compaction for which there is no room is no error, and is not tried again with every write', async () => {
  const page = await tab()
  const errors: string[] = []
  page.on('pageerror', ({ message }) => errors.push(message))
  const found = await page.evaluate(async () => {
    const { openRoom, rooms, shape, spec, at, row, pass, block, write } = kit
    const room = await openRoom('ada')
    const of = shape(spec('todos'), at(0), [row(0)])
    await room.commit({ replace: [of] })
    // One record fits, the rows of two do not.
    kit.limitRows(60_000)
    const begun = kit.watchTransactions()
    const tries = () => begun.filter((each) => each === 'readonly heads,log,segs').length
    for (let seq = 1; seq <= 34; seq++) {
      const blocks = [block([row(seq, 'x'.repeat(40_000))])]
      await room.commit({ passes: [pass(of.key, seq - 1, seq, blocks)] })
    }
    await kit.until(() => tries() > 0, 20_000)
    for (let i = 0; i < 12; i++) {
      await room.commit({ putWrites: [write(`w${i}`)] })
      await new Promise((resolve) => requestIdleCallback(resolve))
    }
    kit.mend()
    const { position } = (await kit.reloaded('ada', 'room'))[of.key] ?? {}
    const health = rooms.get('ada')?.device.health.get().is
    return { tries: tries(), health, position, kept: (await kit.keptWrites('ada')).length }
  })
  expect(found).toEqual({ tries: 1, health: 'durable', position: '34.n.o', kept: 12 })
  expect(errors).toEqual([])
})

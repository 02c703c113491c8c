import { expect, test } from 'vitest'
import { storageBrowser } from './storage-browser.ts'

const { tab } = storageBrowser()

for (const name of ['InvalidStateError', 'UnknownError', 'AbortError']) {
  test(`a connection that fails with ${name} is replaced, and the commit happens`, async () => {
    const page = await tab()
    const found = await page.evaluate(async (name) => {
      const room = await kit.openRoom('ada')
      kit.breakConnection(name)
      await room.commit({ putWrites: [kit.write('w')] })
      return { kept: await kit.keptWrites('ada'), health: kit.rooms.get('ada')?.device.health.get().is }
    }, name)
    expect(found).toEqual({ kept: ['w'], health: 'durable' })
  })
}

test('a commit that happened although it seemed to fail happens once', async () => {
  const page = await tab()
  const found = await page.evaluate(async () => {
    const { openRoom, shape, spec, at, row, write, keptWrites, reloaded } = kit
    const room = await openRoom('ada')
    await room.commit({ putWrites: [write('before')] })
    kit.loseAnswer()
    const rows = shape(spec('todos'), at(1), [row(1)])
    const { ords, adrift } = await room.commit({ replace: [rows], putWrites: [write('w')] })
    await room.commit({ deleteWrites: ['before'] })
    const position = (await reloaded('ada', 'room'))[rows.key]?.position
    return { ords: [...ords], adrift, kept: await keptWrites('ada'), position }
  })
  expect(found).toEqual({ ords: [['w', 2]], adrift: [], kept: ['w'], position: '1.n.o' })
})

test('transactions are relaxed, and those of writes are strict where the app says so', async () => {
  const page = await tab()
  const found = await page.evaluate(async () => {
    const { shape, spec, at, row, write } = kit
    const rows = shape(spec('todos'), at(1), [row(1)])
    const relaxed = await kit.openRoom('ada')
    const strict = await kit.openRoom('bob', 'room', { durability: 'strict' })
    const asked = kit.watchDurability()
    await relaxed.commit({ replace: [rows], putWrites: [write('w')] })
    await strict.commit({ replace: [rows] })
    await strict.commit({ putWrites: [write('w')] })
    return [...asked]
  })
  expect(found).toEqual(['relaxed', 'relaxed', 'strict'])
})

test('a failure is flushed to the disk, whatever the app says of its writes, also where there is no room for rows', async () => {
  const page = await tab()
  const found = await page.evaluate(async () => {
    const { shape, spec, at, row, write, failure } = kit
    const room = await kit.openRoom('ada')
    await room.commit({ putWrites: [write('w'), write('x')] })
    const asked = kit.watchDurability()
    await room.commit({ deleteWrites: ['w'], putFailed: [failure('w')] })
    await room.commit({ deleteFailed: ['w'] })
    const alone = [...asked]
    kit.limitRows(1000)
    const under = kit.watchDurability()
    const rows = Array.from({ length: 100 }, (_, i) => row(i))
    const { adrift } = await room.commit({
      replace: [shape(spec('todos'), at(1), rows)],
      deleteWrites: ['x'],
      putFailed: [failure('x')],
    })
    kit.mend()
    return { alone, without: under.at(-1), adrift: adrift.length, kept: await kit.keptQueue('ada') }
  })
  expect(found).toEqual({
    alone: ['strict', 'relaxed'],
    without: 'strict',
    adrift: 1,
    kept: { writes: [], failed: ['x'] },
  })
})

test('a tab that is stopped with a transaction under way does not keep the others from the store', async () => {
  const [stopped, other] = await Promise.all([tab(), tab()])
  await stopped.evaluate(() => kit.openRoom('ada'))
  await other.evaluate(() => kit.openRoom('ada'))
  const devtools = await stopped.context().newCDPSession(stopped)
  await devtools.send('Debugger.enable')
  const paused = new Promise((resolve) => devtools.once('Debugger.paused', resolve))
  const stop = stopped.evaluate(() => {
    const writes = Array.from({ length: 200 }, (_, i) => kit.write(`w${i}`))
    void kit.rooms.get('ada')?.room.commit({ putWrites: writes })
    // The turn after the one that makes the transaction, before any of its requests has answered.
    kit.afterNextTransaction(() => {
      // biome-ignore lint/suspicious/noDebugger: it stops the page, as freezing does.
      debugger
    })
  })
  await paused
  const done = await other.evaluate(async () => {
    const began = performance.now()
    const waited = kit.sleep(3000).then(() => 'kept waiting')
    const kept = kit.rooms.get('ada')?.room.commit({ putWrites: [kit.write('of the other')] })
    await Promise.race([waited, kept])
    return performance.now() - began
  })
  await devtools.send('Debugger.disable')
  await stop
  expect(done).toBeLessThan(2000)
})

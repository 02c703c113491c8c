import { expect, test } from 'vitest'
import { storageBrowser } from './storage-browser.ts'

const { tab } = storageBrowser()

test('writes of all tabs come back in the order in which they were kept, with number and mark', async () => {
  const [a, b] = await Promise.all([tab(), tab()])
  await a.evaluate(async () => {
    const room = await kit.openRoom('ada')
    await room.commit({ putWrites: [kit.write('first')] })
  })
  await b.evaluate(async () => {
    const room = await kit.openRoom('ada')
    await room.commit({ putWrites: [kit.write('second', { cid: 'other', n: 1, sent: true })] })
  })
  const found = await a.evaluate(async () => {
    const room = kit.rooms.get('ada')?.room
    await Promise.all([
      room?.commit({ putWrites: [kit.write('third')] }),
      room?.commit({
        putWrites: [kit.write('fourth')],
        markWrites: [{ id: 'first', cid: 'c', n: 1, sent: true }],
      }),
    ])
    const { writes } = await kit.device('ada').room('room').load()
    return writes.map(({ id, cid, n, sent, ord }) => ({ id, cid, n, sent, ord }))
  })
  expect(found).toEqual([
    { id: 'first', cid: 'c', n: 1, sent: true, ord: 1 },
    { id: 'second', cid: 'other', n: 1, sent: true, ord: 2 },
    { id: 'third', cid: 'c', n: null, sent: false, ord: 3 },
    { id: 'fourth', cid: 'c', n: null, sent: false, ord: 4 },
  ])
})

test('a write leaves in the transaction that keeps the rows it caused, also when another tab has kept it', async () => {
  const [a, b] = await Promise.all([tab(), tab()])
  await a.evaluate(async () => {
    const { openRoom, shape, spec, at, row } = kit
    const room = await openRoom('ada')
    await room.commit({ replace: [shape(spec('todos'), at(1), [row(1)])] })
  })
  await b.evaluate(() => kit.openRoom('ada').then((room) => room.commit({ putWrites: [kit.write('of b')] })))
  const found = await a.evaluate(async () => {
    const { rooms, pass, block, row, spec, shapeKey, keptWrites, reloaded } = kit
    const key = shapeKey(spec('todos'))
    const before = await keptWrites('ada')
    await rooms
      .get('ada')
      ?.room.commit({ passes: [pass(key, 1, 2, [block([row(2)])])], deleteWrites: ['of b', 'unheard of'] })
    return {
      before,
      after: await keptWrites('ada'),
      position: (await reloaded('ada', 'room'))[key]?.position,
    }
  })
  expect(found).toEqual({ before: ['of b'], after: [], position: '2.n.o' })
})

test('a write that cannot be kept rejects, and those that were committed with it are kept', async () => {
  const page = await tab()
  const found = await page.evaluate(async () => {
    const room = await kit.openRoom('ada')
    const circular: Record<string, unknown> = {}
    circular.itself = circular
    const results = await Promise.allSettled([
      room.commit({ putWrites: [kit.write('good')] }),
      room.commit({ putWrites: [kit.write('bad', { work: { do: 'call', name: 'x', args: circular } })] }),
      room.commit({ putWrites: [kit.write('better')] }),
    ])
    return { results: results.map(({ status }) => status), kept: await kit.keptWrites('ada') }
  })
  expect(found).toEqual({ results: ['fulfilled', 'rejected', 'fulfilled'], kept: ['good', 'better'] })
})

test('a write that cannot be read becomes a failure that says its number, and the others stay', async () => {
  const page = await tab()
  const found = await page.evaluate(async () => {
    const room = await kit.openRoom('ada')
    await room.commit({ putWrites: ['a', 'b', 'c'].map((id) => kit.write(id)) })
    await room.commit({ markWrites: [{ id: 'b', cid: 'c', n: 7, sent: true }] })
    await room.commit({ markWrites: [{ id: 'c', cid: 'c', n: 8, sent: true }] })
    const name = kit.nameOf('ada')
    const values = (await kit.valuesOf(name, 'writes')) as { id: string }[]
    await kit.remove(name, 'writes', 2)
    await kit.put(name, 'writes', 2, { ...values[1], text: '{"id":"b","wor' })
    await kit.put(name, 'marks', ['room', 'c'], 'torn')
    const opened = kit.device('ada')
    const first = await opened.room('room').load()
    await kit.until(async () => (await kit.keysOf(name, 'failed')).length === 2)
    const second = await kit.device('ada').room('room').load()
    return [first, second].map(({ writes, failed }) => ({
      writes: writes.map(({ id }) => id),
      failed: failed.map(({ id, code, number, work, raw }) => ({
        id,
        code,
        number,
        work,
        raw: raw?.slice(0, 7),
      })),
    }))
  })
  const failure = (id: string, number: object | null, raw: string) => ({
    id,
    code: 'write-unreadable',
    number,
    work: null,
    raw,
  })
  // Without its mark nobody knows whether c was sent: it must not be sent by itself.
  const failed = [failure('b', { cid: 'c', n: 7 }, '{"id":"'), failure('c', null, '{"id":"')]
  expect(found).toEqual([
    { writes: ['a'], failed },
    { writes: ['a'], failed },
  ])
})

test('refused writes are kept apart, and the writes of every room are one queue', async () => {
  const page = await tab()
  const found = await page.evaluate(async () => {
    const opened = kit.device('ada')
    for (const name of ['one', 'two', 'one']) {
      const id = `${name} ${(await opened.queue()).writes.length}`
      await opened.room(name).commit({ putWrites: [kit.write(id)] })
    }
    await opened.room('two').commit({ deleteWrites: ['two 1'], putFailed: [kit.failure('two 1')] })
    const { writes, failed } = await kit.device('ada').queue()
    return {
      writes: writes.map(({ id, room }) => [room, id]),
      failed: failed.map(({ id, room, code }) => [room, id, code]),
    }
  })
  expect(found).toEqual({
    writes: [
      ['one', 'one 0'],
      ['one', 'one 2'],
    ],
    failed: [['two', 'two 1', 'forbidden']],
  })
})

test('the queue of a room is read in one transaction, without the rows, and after what was asked for before', async () => {
  const [a, b] = await Promise.all([tab(), tab()])
  await a.evaluate(async () => {
    const { openRoom, shape, spec, at, row, write, failure } = kit
    const room = await openRoom('ada')
    const rows = Array.from({ length: 5000 }, (_, i) => row(i))
    await room.commit({ replace: [shape(spec('todos'), at(1), rows)] })
    await room.commit({ putWrites: [write('first'), write('refused')] })
    await room.commit({ putFailed: [failure('refused')], deleteWrites: ['refused'] })
    await kit
      .device('ada')
      .room('another')
      .commit({ putWrites: [write('of another room')] })
  })
  await b.evaluate(async () => {
    const room = await kit.openRoom('ada')
    await room.commit({
      putWrites: [kit.write('of b')],
      markWrites: [{ id: 'first', cid: 'c', n: 1, sent: true }],
    })
  })
  const found = await a.evaluate(async () => {
    const room = kit.rooms.get('ada')?.room
    void room?.commit({ putWrites: [kit.write('last')] })
    const begun = kit.watchTransactions()
    const { writes, failed } = (await room?.queue()) ?? { writes: [], failed: [] }
    // What was read is known now: the place of another tab's write is not looked up any more.
    await room?.commit({ deleteWrites: ['of b'] })
    kit.mend()
    return {
      writes: writes.map(({ id, room: of, n, sent, ord }) => [id, of, n, sent, ord]),
      failed: failed.map(({ id, room: of, code }) => [id, of, code]),
      begun,
      left: await kit.keptWrites('ada'),
    }
  })
  expect(found).toEqual({
    writes: [
      ['first', 'room', 1, true, 1],
      ['of b', 'room', null, false, 4],
      ['last', 'room', null, false, 5],
    ],
    failed: [['refused', 'room', 'forbidden']],
    begun: ['readwrite spare,writes', 'readonly failed,marks,writes', 'readwrite marks,spare,writes'],
    left: ['first', 'of another room', 'last'],
  })
})

test('a write that cannot be read is a failure from the reading of the queue on', async () => {
  const page = await tab()
  const found = await page.evaluate(async () => {
    const room = await kit.openRoom('ada')
    await room.commit({ putWrites: [kit.write('a'), kit.write('b')] })
    const name = kit.nameOf('ada')
    const [value] = (await kit.valuesOf(name, 'writes')) as object[]
    await kit.remove(name, 'writes', 1)
    await kit.put(name, 'writes', 1, { ...value, text: 'torn' })
    const { writes, failed } = await room.queue()
    await kit.until(async () => (await kit.keysOf(name, 'failed')).length === 1)
    return { writes: writes.map(({ id }) => id), failed: failed.map(({ id, code }) => [id, code]) }
  })
  expect(found).toEqual({ writes: ['b'], failed: [['a', 'write-unreadable']] })
})

test('a write stays when the rows that it caused are of a shape that is adrift', async () => {
  const page = await tab()
  const found = await page.evaluate(async () => {
    const { openRoom, shape, spec, at, row, pass, block, write, failure } = kit
    const room = await openRoom('ada')
    const [todos, notes] = [shape(spec('todos'), at(1), []), shape(spec('notes'), at(1), [])]
    const putWrites = ['before', 'todo', 'refused', 'note'].map((id) => write(id))
    await room.commit({ replace: [todos, notes], putWrites })
    const { adrift } = await room.commit({
      passes: [pass(todos.key, 5, 6, [block([row(1)])])],
      deleteWrites: ['todo', 'refused'],
      putFailed: [failure('refused')],
    })
    const first = await kit.keptQueue('ada')
    // The other shape goes on, and so do its writes.
    await room.commit({ passes: [pass(notes.key, 1, 6, [block([row(1)])])], deleteWrites: ['note'] })
    return { adrift, first, later: await kit.keptWrites('ada'), key: todos.key }
  })
  expect(found).toEqual({
    adrift: [found.key],
    first: { writes: ['before', 'todo', 'note'], failed: ['refused'] },
    later: ['before', 'todo'],
    key: found.key,
  })
})

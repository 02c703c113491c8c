import { expect, test } from 'vitest'
import { storageBrowser } from './storage-browser.ts'

const { tab } = storageBrowser()

test('rows and their position come back as they were committed, changes on top of the snapshot', async () => {
  const page = await tab()
  const found = await page.evaluate(async () => {
    const { openRoom, shape, spec, at, row, pass, block, reloaded } = kit
    const room = await openRoom('ada')
    const rows = shape(spec('todos'), at(5), [row(1), row(2)])
    await room.commit({ replace: [rows] })
    await room.commit({ passes: [pass(rows.key, 5, 8, [block([row(2, 'two'), row(3)], ['k000001'])])] })
    await room.commit({ passes: [pass(rows.key, 8, 9, [block([row(3, 'three')])])] })
    return (await reloaded('ada', 'room'))[rows.key]
  })
  expect(found).toEqual({
    position: '9.n.o',
    boundary: undefined,
    titles: { k000002: 'two', k000003: 'three' },
  })
})

test('10,000 rows are kept in segments of 500, and a change of 100 rows in one record', async () => {
  const page = await tab()
  const found = await page.evaluate(async () => {
    const { openRoom, shape, spec, at, row, pass, block, reloaded, keysOf, nameOf } = kit
    const room = await openRoom('ada')
    const rows = shape(
      spec('todos'),
      at(5),
      Array.from({ length: 10_000 }, (_, i) => row(i)),
    )
    await room.commit({ replace: [rows] })
    const changed = Array.from({ length: 100 }, (_, i) => row(i * 97, 'changed'))
    await room.commit({ passes: [pass(rows.key, 5, 6, [block(changed)])] })
    const { titles = {} } = (await reloaded('ada', 'room'))[rows.key] ?? {}
    const name = nameOf('ada')
    return {
      segments: (await keysOf(name, 'segs')).length,
      log: (await keysOf(name, 'log')).length,
      rows: Object.keys(titles).length,
      changed: Object.values(titles).filter((title) => title === 'changed').length,
    }
  })
  expect(found).toEqual({ segments: 20, log: 1, rows: 10_000, changed: 100 })
})

test('a missing record ends what is believed: the position is that of the record before [R6]', async () => {
  const page = await tab()
  const found = await page.evaluate(async () => {
    const { openRoom, shape, spec, at, row, pass, block, reloaded, keysOf, nameOf, remove } = kit
    const room = await openRoom('ada')
    const rows = shape(spec('todos'), at(5), [row(1)])
    await room.commit({ replace: [rows] })
    for (const seq of [6, 7, 8]) {
      await room.commit({ passes: [pass(rows.key, seq - 1, seq, [block([row(seq)])])] })
    }
    const [, second] = await keysOf(nameOf('ada'), 'log')
    if (second) await remove(nameOf('ada'), 'log', second)
    return (await reloaded('ada', 'room'))[rows.key]
  })
  expect(found?.position).toBe('6.n.o')
  expect(Object.keys(found?.titles ?? {})).toEqual(['k000001', 'k000006'])
})

test('a shape that missed a pass stays as it was, says so, and goes on with its next snapshot [R6]', async () => {
  const page = await tab()
  const found = await page.evaluate(async () => {
    const { openRoom, shape, spec, at, row, pass, block, reloaded } = kit
    const room = await openRoom('ada')
    const rows = shape(spec('todos'), at(5), [row(1)])
    await room.commit({ replace: [rows] })
    const missed = await room.commit({ passes: [pass(rows.key, 6, 7, [block([row(2)])])] })
    const after = await room.commit({ passes: [pass(rows.key, 7, 8, [block([row(3)])])] })
    const behind = (await reloaded('ada', 'room'))[rows.key]
    await room.commit({ replace: [{ ...rows, at: at(8), blocks: [block([row(2), row(3)])] }] })
    await room.commit({ passes: [pass(rows.key, 8, 9, [block([row(4)])])] })
    const again = (await reloaded('ada', 'room'))[rows.key]
    return { adrift: [missed.adrift, after.adrift], behind, again, key: rows.key }
  })
  expect(found.adrift).toEqual([[found.key], [found.key]])
  expect(found.behind).toMatchObject({ position: '5.n.o', titles: { k000001: 'row 1' } })
  expect(found.again?.position).toBe('9.n.o')
  expect(Object.keys(found.again?.titles ?? {})).toEqual(['k000002', 'k000003', 'k000004'])
})

test('a shape that saw nothing moves with the others, in memory at once and on disk when it is asked for', async () => {
  const page = await tab()
  const found = await page.evaluate(async () => {
    const { openRoom, shape, spec, at, row, block, reloaded } = kit
    const room = await openRoom('ada')
    const todos = shape(spec('todos'), at(5), [row(1)])
    const notes = shape(spec('notes'), at(5), [row(1)])
    // The first commit keeps positions, which are then left alone for a minute.
    await room.commit({ replace: [todos, notes] })
    const both = (from: number, blocks: ReturnType<typeof block>[]) => ({
      from: at(from),
      to: at(from + 1),
      shapes: [
        { key: todos.key, blocks },
        { key: notes.key, blocks: [] },
      ],
    })
    const positions = async () => {
      const kept = await reloaded('ada', 'room')
      return [kept[todos.key]?.position, kept[notes.key]?.position]
    }
    await room.commit({ passes: [both(5, [block([row(2)])])] })
    const lazily = await positions()
    await room.commit({ passes: [both(6, [])], keepPositions: true })
    const asked = await positions()
    // What follows links to its own last record, not to the note of where it was.
    await room.commit({
      passes: [{ from: at(7), to: at(9), shapes: [{ key: notes.key, blocks: [block([row(7)])] }] }],
    })
    return { lazily, asked, later: await positions() }
  })
  expect(found).toEqual({
    lazily: ['6.n.o', '5.n.o'],
    asked: ['7.n.o', '7.n.o'],
    later: ['7.n.o', '9.n.o'],
  })
})

test('an on-demand shape that was not mounted for a while goes on from its own position [R6]', async () => {
  const page = await tab()
  const found = await page.evaluate(async () => {
    const { openRoom, shape, spec, at, row, pass, block, reloaded } = kit
    const room = await openRoom('ada')
    const [one, two] = [shape(spec('todos', 1), at(5), [row(1)]), shape(spec('todos', 2), at(5), [row(2)])]
    await room.commit({ replace: [one, two] })
    await room.commit({ passes: [pass(one.key, 5, 9, [block([row(1, 'later')])])] })
    // The other one joins with its own position and is merged.
    await room.commit({ passes: [pass(two.key, 5, 9, [block([row(2, 'caught up')])])] })
    await room.commit({
      passes: [
        {
          from: at(9),
          to: at(10),
          shapes: [one, two].map(({ key }) => ({ key, blocks: [block([row(1, 'both')])] })),
        },
      ],
    })
    const kept = await reloaded('ada', 'room')
    return [kept[one.key], kept[two.key]]
  })
  expect(found.map((each) => each?.position)).toEqual(['10.n.o', '10.n.o'])
  expect(found[1]?.titles).toMatchObject({ k000002: 'caught up' })
})

test('keys that a removal does not name are found again, each under the history in which it was digested', async () => {
  const page = await tab()
  const found = await page.evaluate(async () => {
    const { openRoom, shape, spec, at, row, block, reloaded, digestKey } = kit
    const room = await openRoom('ada')
    const rows = shape(spec('todos'), at(5, 'a'), [row(1), row(2), row(3)])
    await room.commit({ replace: [rows] })
    const gone = (salt: string, key: string) => [{ ...block([]), gone: [digestKey(salt, key)] }]
    const move = (from: string, to: string, blocks: ReturnType<typeof gone>) => ({
      from: from as ReturnType<typeof at>,
      to: to as ReturnType<typeof at>,
      shapes: [{ key: rows.key, blocks }],
    })
    await room.commit({ passes: [move('5.a.o', '6.a.o', gone('.a.o', 'k000001'))] })
    await room.commit({ passes: [move('6.a.o', '7.b.o', gone('.b.o', 'k000003'))] })
    return (await reloaded('ada', 'room'))[rows.key]?.titles
  })
  expect(found).toEqual({ k000002: 'row 2' })
})

test('a window that was narrow for a while does not bring back rows that went meanwhile', async () => {
  const page = await tab()
  const found = await page.evaluate(async () => {
    const { openRoom, shape, at, row, block, reloaded } = kit
    const order = [{ column: 'rank', descending: false, nulls: 'first', text: 'binary' }] as const
    const of = { collection: 'todos', window: { order, limit: 4 } }
    const place = (i: number) => [i, `k00000${i}`]
    const room = await openRoom('ada')
    const rows = shape(of, at(5), [row(1), row(2), row(3), row(4)], { boundary: place(4) })
    await room.commit({ replace: [rows] })
    const move = (
      from: number,
      to: number,
      blocks: ReturnType<typeof block>[],
      boundary?: (string | number)[],
    ) => ({
      passes: [
        {
          from: at(from),
          to: at(to),
          shapes: [{ key: rows.key, blocks, ...(boundary ? { boundary } : {}) }],
        },
      ],
    })
    // Cut to two; row 3 is deleted unseen; a page brings what is there up to 4.
    await room.commit(move(5, 5, [], place(2)))
    await room.commit(move(5, 6, [block([row(1, 'one')])]))
    await room.commit(move(6, 6, [block([row(4, 'four')])], place(4)))
    return (await reloaded('ada', 'room'))[rows.key]
  })
  expect(found).toEqual({
    position: '6.n.o',
    boundary: [4, 'k000004'],
    titles: { k000001: 'one', k000002: 'row 2', k000004: 'four' },
  })
})

test('of 64 shapes on demand the least recently used goes for the next, unless it is held', async () => {
  const page = await tab()
  const found = await page.evaluate(async () => {
    const { openRoom, shape, spec, at, row, reloaded } = kit
    const room = await openRoom('ada')
    const of = (i: number) => shape(spec('todos', i), at(5), [row(i)], { onDemand: true })
    const eager = shape(spec('todos'), at(5), [row(0)])
    await room.commit({ replace: [eager] })
    for (let i = 0; i < 64; i++) {
      await room.commit({ replace: [of(i)] })
      await kit.sleep(1)
    }
    await room.commit({ touch: [of(1).key] })
    room.hold([of(0).key])
    await room.commit({ replace: [of(64), of(65)] })
    const kept = await reloaded('ada', 'room')
    const gone = Array.from({ length: 66 }, (_, i) => i).filter((i) => !kept[of(i).key])
    return { kept: Object.keys(kept).length, gone, eager: eager.key in kept }
  })
  expect(found).toEqual({ kept: 65, gone: [2, 3], eager: true })
})

test('a shape that is led back within one history shows what replaced it, and nothing that was kept beyond', async () => {
  const page = await tab()
  const found = await page.evaluate(async () => {
    const { openRoom, shape, spec, at, row, pass, block, reloaded } = kit
    const room = await openRoom('ada')
    const of = shape(spec('todos'), at(0), [row(0)])
    await room.commit({ replace: [of] })
    for (let seq = 1; seq <= 9; seq++)
      await room.commit({ passes: [pass(of.key, seq - 1, seq, [block([row(seq)])])] })
    // The object is restored to 5, and its new instance has not written yet.
    await room.commit({ replace: [{ ...of, at: at(5), blocks: [block([row(0), row(5, 'restored')])] }] })
    const replaced = (await reloaded('ada', 'room'))[of.key]
    await room.commit({ passes: [pass(of.key, 5, 6, [block([row(6, 'new')])])] })
    const log = (await kit.keysOf(kit.nameOf('ada'), 'log')).length
    return { replaced, later: (await reloaded('ada', 'room'))[of.key], log }
  })
  expect(found.replaced).toMatchObject({
    position: '5.n.o',
    titles: { k000000: 'row 0', k000005: 'restored' },
  })
  const titles = { k000000: 'row 0', k000005: 'restored', k000006: 'new' }
  expect(found.later).toEqual({ position: '6.n.o', boundary: undefined, titles })
  expect(found.log).toBe(1)
})

test('a shape that saw nothing since its last record is led back to where it was then', async () => {
  const page = await tab()
  const found = await page.evaluate(async () => {
    const { openRoom, shape, spec, at, row, pass, reloaded } = kit
    const room = await openRoom('ada')
    const of = shape(spec('todos'), at(5), [row(1)])
    await room.commit({ replace: [of] })
    await room.commit({ passes: [pass(of.key, 5, 9, [])], keepPositions: true })
    const before = (await reloaded('ada', 'room'))[of.key]?.position
    await room.commit({ replace: [{ ...of, blocks: [kit.block([row(2)])] }] })
    return { before, later: (await reloaded('ada', 'room'))[of.key] }
  })
  expect(found).toEqual({
    before: '9.n.o',
    later: { position: '5.n.o', boundary: undefined, titles: { k000002: 'row 2' } },
  })
})

test('a room that is read again while it is in use goes on, also where a shape has moved and saw nothing', async () => {
  const page = await tab()
  const found = await page.evaluate(async () => {
    const { openRoom, shape, spec, at, row, block, reloaded } = kit
    const room = await openRoom('ada')
    const [todos, notes] = [shape(spec('todos'), at(5), [row(1)]), shape(spec('notes'), at(5), [row(1)])]
    await room.commit({ replace: [todos, notes] })
    const move = (from: number, ofNotes: ReturnType<typeof block>[] = []) => ({
      from: at(from),
      to: at(from + 1),
      shapes: [
        { key: todos.key, blocks: [block([row(from)])] },
        { key: notes.key, blocks: ofNotes },
      ],
    })
    const adrift: (readonly string[])[] = []
    const positions: (string | undefined)[][] = []
    for (let seq = 5; seq < 25; seq += 5) {
      for (let n = seq; n < seq + 3; n++) adrift.push((await room.commit({ passes: [move(n)] })).adrift)
      // One turn: what moves, where everything is, the reading, and what moves next.
      const kept = room.commit({ passes: [move(seq + 3)], keepPositions: true })
      const loaded = room.load()
      const next = room.commit({ passes: [move(seq + 4)] })
      adrift.push((await kept).adrift, (await next).adrift)
      positions.push((await loaded).shapes.map(({ position }) => position))
    }
    adrift.push((await room.commit({ passes: [move(25, [block([row(25)])])] })).adrift)
    const kept = await reloaded('ada', 'room')
    return { adrift: adrift.flat(), positions, notes: kept[notes.key], todos: kept[todos.key]?.position }
  })
  expect(found.adrift).toEqual([])
  for (const [i, [notes, todos]] of found.positions.entries()) {
    expect(notes).toBe(todos)
    expect(Number(notes?.split('.')[0])).toBeGreaterThanOrEqual(9 + 5 * i)
  }
  expect(found.notes).toMatchObject({ position: '26.n.o', titles: { k000025: 'row 25' } })
  expect(found.todos).toBe('26.n.o')
})

import { expect, test } from 'vitest'
import { storageBrowser } from './storage-browser.ts'

const { tab } = storageBrowser()

/** Follows one shape from its position to `to`, one row a pass, as a tab with a socket of its own does. */
async function follow({ from, to, stride }: { from: number; to: number; stride: number }) {
  const { rooms, pass, block, row, spec, shapeKey } = kit
  const room = rooms.get('ada')?.room
  const key = shapeKey(spec('todos'))
  const adrift = new Set<string>()
  for (let at = from; at < to; at += stride) {
    const next = Math.min(to, at + stride)
    const rows = Array.from({ length: next - at }, (_, i) => row(at + i + 1, `at ${at + i + 1}`))
    const done = await room?.commit({ passes: [pass(key, at, next, [block(rows)])] })
    for (const each of done?.adrift ?? []) adrift.add(each)
  }
  return [...adrift]
}

async function start() {
  const { openRoom, shape, spec, at, row } = kit
  const room = await openRoom('ada')
  await room.commit({ replace: [shape(spec('todos'), at(0), [row(0)])] })
}

const join = async () => void (await kit.openRoom('ada'))

async function kept() {
  const { reloaded, spec, shapeKey, keysOf, nameOf } = kit
  const shape = (await reloaded('ada', 'room'))[shapeKey(spec('todos'))]
  const log = await keysOf(nameOf('ada'), 'log')
  const heads = await keysOf(nameOf('ada'), 'heads')
  return { position: shape?.position, rows: Object.keys(shape?.titles ?? {}).length, log: log.length, heads }
}

test('two tabs that keep the same frames keep them once', async () => {
  const [a, b] = await Promise.all([tab(), tab()])
  await a.evaluate(start)
  await b.evaluate(join)
  const way = { from: 0, to: 50, stride: 1 }
  expect(await Promise.all([a.evaluate(follow, way), b.evaluate(follow, way)])).toEqual([[], []])
  expect(await a.evaluate(kept)).toMatchObject({ position: '50.n.o', rows: 51, log: 50 })
})

test('two tabs whose passes are of different lengths lead to where the further one is', async () => {
  const [a, b] = await Promise.all([tab(), tab()])
  await a.evaluate(start)
  await b.evaluate(join)
  const [threes, fives] = await Promise.all([
    a.evaluate(follow, { from: 0, to: 44, stride: 3 }),
    b.evaluate(follow, { from: 0, to: 61, stride: 5 }),
  ])
  expect([threes, fives]).toEqual([[], []])
  expect(await a.evaluate(kept)).toMatchObject({ position: '61.n.o', rows: 62 })
})

test('a log of 1,000 records is folded while two tabs write and compact at once, and nothing is lost', async () => {
  const [a, b] = await Promise.all([tab(), tab()])
  await a.evaluate(start)
  await b.evaluate(join)
  const [one, two] = await Promise.all([
    a.evaluate(follow, { from: 0, to: 1200, stride: 1 }),
    b.evaluate(follow, { from: 0, to: 1200, stride: 1 }),
  ])
  expect([one, two]).toEqual([[], []])
  await a.evaluate(() =>
    kit.until(async () => (await kit.keysOf(kit.nameOf('ada'), 'log')).length < 400, 20_000),
  )
  const { position, rows, heads } = await a.evaluate(kept)
  expect({ position, rows, heads: heads.length }).toEqual({ position: '1200.n.o', rows: 1201, heads: 1 })
  expect((heads[0] as unknown[] | undefined)?.[2]).toBeGreaterThan(1)
  // Both go on from where they are, on the new generation.
  await Promise.all([
    a.evaluate(follow, { from: 1200, to: 1210, stride: 2 }),
    b.evaluate(follow, { from: 1200, to: 1215, stride: 3 }),
  ])
  expect(await b.evaluate(kept)).toMatchObject({ position: '1215.n.o', rows: 1216 })
})

test('of two tabs that compact the same records at once one is first, and the other leaves it alone', async () => {
  const [a, b] = await Promise.all([tab(), tab()])
  await a.evaluate(start)
  await a.evaluate(follow, { from: 0, to: 200, stride: 1 })
  const compact = () => kit.compactShape('ada', kit.shapeKey(kit.spec('todos')))
  const results = await Promise.all([a.evaluate(compact), b.evaluate(compact)])
  expect(results.filter((result) => result !== null)).toHaveLength(1)
  expect(await a.evaluate(kept)).toMatchObject({ position: '200.n.o', rows: 201, log: 33 })
})

test('a compaction that read before a snapshot was kept does not bring the old rows back', async () => {
  const page = await tab()
  await page.evaluate(start)
  await page.evaluate(follow, { from: 0, to: 100, stride: 1 })
  const result = await page.evaluate(() => {
    const { rooms, shape, spec, at, row, shapeKey, compactShape } = kit
    const replace = [shape(spec('todos'), at(300), [row(7)])]
    return compactShape('ada', shapeKey(spec('todos')), async () =>
      rooms.get('ada')?.room.commit({ replace }),
    )
  })
  expect(result).toBeNull()
  expect(await page.evaluate(kept)).toMatchObject({ position: '300.n.o', rows: 1 })
})

test('a record that is kept while a compaction runs is not lost to it', async () => {
  const page = await tab()
  await page.evaluate(start)
  await page.evaluate(follow, { from: 0, to: 100, stride: 1 })
  const result = await page.evaluate(() => {
    const { rooms, pass, block, row, spec, shapeKey, compactShape } = kit
    const key = shapeKey(spec('todos'))
    const passes = [pass(key, 100, 101, [block([row(101)])])]
    return compactShape('ada', key, async () => rooms.get('ada')?.room.commit({ passes }))
  })
  expect(result).not.toBeNull()
  expect(await page.evaluate(kept)).toMatchObject({ position: '101.n.o', rows: 102 })
})

test('two tabs that begin the same generation both go on, and the rows of the later one are there', async () => {
  const [a, b] = await Promise.all([tab(), tab()])
  await a.evaluate(start)
  await b.evaluate(join)
  const snapshot = async (seq: number) => {
    const { rooms, shape, spec, at, row } = kit
    const rows = Array.from({ length: seq }, (_, i) => row(i, `at ${seq}`))
    const done = await rooms.get('ada')?.room.commit({ replace: [shape(spec('todos'), at(seq), rows)] })
    return done?.adrift
  }
  expect(await Promise.all([a.evaluate(snapshot, 30), b.evaluate(snapshot, 31)])).toEqual([[], []])
  await Promise.all([
    a.evaluate(follow, { from: 30, to: 32, stride: 2 }),
    b.evaluate(follow, { from: 31, to: 33, stride: 2 }),
  ])
  const { position, heads } = await a.evaluate(kept)
  expect(heads).toHaveLength(1)
  expect(['32.n.o', '33.n.o']).toContain(position)
})

test('a tab that follows a history which was restored away does not mix into the one that is', async () => {
  const [a, b] = await Promise.all([tab(), tab()])
  await a.evaluate(start)
  await b.evaluate(join)
  await a.evaluate(follow, { from: 0, to: 10, stride: 1 })
  await b.evaluate(join)
  // The object goes back to 8. Tab a was live and goes on to 20 in what is lost; tab b was at 10 and starts over in what is.
  await a.evaluate(follow, { from: 10, to: 20, stride: 2 })
  const found = await b.evaluate(async () => {
    const { rooms, shape, spec, at, row, pass, block, shapeKey } = kit
    const room = rooms.get('ada')?.room
    const rows = shape(spec('todos'), at(9, 'restored'), [row(0), row(9, 'of the new history')])
    await room?.commit({ replace: [rows] })
    await room?.commit({
      passes: [pass(shapeKey(spec('todos')), 9, 11, [block([row(11, 'of the new history')])], 'restored')],
    })
    const log = (await kit.keysOf(kit.nameOf('ada'), 'log')).length
    return { ...(await kit.reloaded('ada', 'room'))[rows.key], log }
  })
  // What is lost does not lie about until the new history has come as far.
  expect(found).toMatchObject({ position: '11.restored.o', log: 1 })
  expect(Object.keys(found?.titles ?? {})).toEqual(['k000000', 'k000009', 'k000011'])
  // And what it says late stays without effect.
  await a.evaluate(follow, { from: 20, to: 24, stride: 2 })
  expect(await b.evaluate(kept)).toMatchObject({ position: '11.restored.o', rows: 3 })
})

test('a tab that is led back within one history does not show what another has kept beyond, before or after', async () => {
  const [a, b] = await Promise.all([tab(), tab()])
  await a.evaluate(start)
  await b.evaluate(join)
  const way = { from: 0, to: 9, stride: 1 }
  await Promise.all([a.evaluate(follow, way), b.evaluate(follow, way)])
  const back = async (title: string) => {
    const { rooms, shape, spec, at, row, pass, block } = kit
    const room = rooms.get('ada')?.room
    const rows = shape(spec('todos'), at(5), [row(0), row(5, 'restored')])
    // The instance that writes next begins an era of its own.
    const then = { ...pass(rows.key, 5, 6, [block([row(6, title)])]), to: at(6, 'next') }
    const { adrift } = (await room?.commit({ replace: [rows], passes: [then] })) ?? {}
    return { adrift, ...(await kit.reloaded('ada', 'room'))[rows.key] }
  }
  const shown = (title: string) => ({
    adrift: [],
    position: '6.next.o',
    boundary: undefined,
    titles: { k000000: 'row 0', k000005: 'restored', k000006: title },
  })
  expect(await b.evaluate(back, 'b')).toEqual(shown('b'))
  // Tab a hears of it later: what it keeps until then is of the history that is lost.
  await a.evaluate(follow, { from: 9, to: 12, stride: 1 })
  expect(await a.evaluate(kept)).toMatchObject({ position: '6.next.o', rows: 3 })
  expect(await a.evaluate(back, 'a')).toEqual(shown('a'))
})

test('a load while another tab commits is one cut: rows, position and writes belong together', async () => {
  const [a, b] = await Promise.all([tab(), tab()])
  await a.evaluate(start)
  const writing = a.evaluate(async () => {
    const { rooms, pass, block, row, spec, shapeKey, write } = kit
    const key = shapeKey(spec('todos'))
    for (let seq = 1; localStorage.getItem('enough') === null; seq++) {
      const passes = [pass(key, seq - 1, seq, [block([row(seq)])])]
      const deleteWrites = seq === 1 ? [] : [`w${seq - 1}`]
      await rooms.get('ada')?.room.commit({ passes, putWrites: [write(`w${seq}`)], deleteWrites })
    }
  })
  const cuts = await b.evaluate(async () => {
    const { device, sleep } = kit
    const own = device('ada')
    const found: string[][] = []
    // Whoever is slow sees few of them.
    while (found.length < 40 || new Set(found.map(([position]) => position)).size < 5) {
      const { shapes, writes } = await own.room('room').load()
      const rows = shapes.flatMap(({ blocks }) => blocks.flatMap(({ up }) => up)).length
      found.push([
        shapes[0]?.position ?? '',
        `${rows - 1}.n.o`,
        ...writes.map(({ id }) => `${id.slice(1)}.n.o`),
      ])
      await sleep(2)
    }
    localStorage.setItem('enough', 'yes')
    return found
  })
  await writing
  const torn = cuts.filter(
    ([position, ...others]) => position !== '0.n.o' && others.some((each) => each !== position),
  )
  expect(torn).toEqual([])
})

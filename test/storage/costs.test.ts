import { expect, test } from 'vitest'
import { storageBrowser } from './storage-browser.ts'

const { tab } = storageBrowser()

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0

test('segments load 10,000 rows, and keep a change of 100, in at most half the time of one record for each row', async () => {
  const page = await tab()
  const times = await page.evaluate(async () => {
    const { openRoom, device, shape, spec, at, rowsAtATime, pass, block } = kit
    const cols = ['id', ...Array.from({ length: 12 }, (_, i) => `column${i}`)]
    const record = (i: number, n = 0) =>
      Object.fromEntries(
        cols.map((col, c) => [
          col,
          c === 0 ? `key-${i}` : c % 3 ? `text ${i} ${c} ${n} and some more` : i * c,
        ]),
      )
    const cells = (i: number, n = 0) => Object.values(record(i, n))
    const timed = async (into: number[], work: () => Promise<unknown>) => {
      const began = performance.now()
      await work()
      into.push(performance.now() - began)
    }
    const all = Array.from({ length: 10_000 }, (_, i) => i)
    const [rows, segments] = [
      { write: [], append: [], load: [] },
      { write: [], append: [], load: [] },
    ] as Record<'write' | 'append' | 'load', number[]>[]
    if (!rows || !segments) throw new Error()

    const plain = await rowsAtATime('rows at a time')
    const keyOf = (row: object) => (row as { id: string }).id
    const records = all.map((i) => record(i))
    await timed(rows.write, () => plain.put(records, keyOf, '1'))
    const room = await openRoom('ada')
    const of = shape(spec('todos'), at(1), [], { blocks: [{ cols, up: all.map((i) => cells(i)), del: [] }] })
    await timed(segments.write, () => room.commit({ replace: [of] }))

    for (let n = 1; n <= 15; n++) {
      const changed = Array.from({ length: 100 }, (_, i) => (i * 97 + n * 13) % 10_000)
      const before = changed.map((i) => record(i, n))
      await timed(rows.append, () => plain.put(before, keyOf, String(n)))
      const blocks = [{ ...block([]), cols, up: changed.map((i) => cells(i, n)) }]
      await timed(segments.append, () => room.commit({ passes: [pass(of.key, n, n + 1, blocks)] }))
    }
    for (let n = 0; n < 7; n++) {
      await timed(rows.load, plain.load)
      const fresh = device('ada')
      const again = fresh.room('room')
      await kit.until(() => true)
      await timed(segments.load, async () => {
        const { shapes } = await again.load()
        if (shapes[0]?.blocks.length === 0) throw new Error('nothing there')
      })
      await fresh.close()
    }
    return { rows, segments }
  })
  const ratio = (what: 'write' | 'append' | 'load') => median(times.segments[what]) / median(times.rows[what])
  for (const what of ['write', 'append', 'load'] as const) {
    const [a, b] = [median(times.segments[what]).toFixed(1), median(times.rows[what]).toFixed(1)]
    console.log(
      `${what}: ${a} ms in segments and log, ${b} ms in one record for each row, ratio ${ratio(what).toFixed(2)}`,
    )
  }
  expect(ratio('load')).toBeLessThanOrEqual(0.5)
  expect(ratio('append')).toBeLessThanOrEqual(0.5)
})

test('1,000 pending writes are restored within 100 ms', async () => {
  const page = await tab()
  const times = await page.evaluate(async () => {
    const room = await kit.openRoom('ada')
    await room.commit({ putWrites: Array.from({ length: 1000 }, (_, i) => kit.write(`w${i}`)) })
    const found: number[] = []
    for (let n = 0; n < 5; n++) {
      const began = performance.now()
      const { writes } = await kit.device('ada').room('room').load()
      found.push(performance.now() - began)
      if (writes.length !== 1000) throw new Error('not all are there')
    }
    return found
  })
  console.log(`1,000 pending writes are read in ${median(times).toFixed(1)} ms`)
  expect(median(times)).toBeLessThan(100)
})

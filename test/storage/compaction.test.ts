import { expect, test } from 'vitest'
import { TAIL } from '../../core/src/persistence/compaction.ts'
import { storageBrowser } from './storage-browser.ts'

const { tab } = storageBrowser()

/** What is kept after so many changes, before and after they were folded. */
async function fold(changes: number) {
  const { openRoom, shape, spec, at, row, pass, block, write, compactShape, reloaded, keysOf, nameOf } = kit
  const user = `after ${changes}`
  const room = await openRoom(user)
  const rows = shape(spec('todos'), at(0), [row(0), row(1)])
  await room.commit({ replace: [rows], putWrites: [write('w')] })
  for (let seq = 1; seq <= changes; seq++) {
    const blocks = [
      block([row(0, `at ${seq}`), row(seq + 1)], seq % 2 === 0 ? [`k${`${seq}`.padStart(6, '0')}`] : []),
    ]
    const { adrift } = await room.commit({ passes: [pass(rows.key, seq - 1, seq, blocks)] })
    if (adrift.length > 0) throw new Error(`adrift at ${seq}`)
  }
  const before = (await reloaded(user, 'room'))[rows.key]
  const compacted = await compactShape(user, rows.key)
  const after = (await reloaded(user, 'room'))[rows.key]
  // And it goes on from there.
  const { adrift } = await room.commit({
    passes: [pass(rows.key, changes, changes + 1, [block([row(0, 'next')])])],
  })
  const next = (await reloaded(user, 'room'))[rows.key]
  return {
    before,
    after,
    next: { position: next?.position, adrift: adrift.length, title: next?.titles.k000000 },
    records: compacted?.records ?? 0,
    log: (await keysOf(nameOf(user), 'log')).length,
    writes: await kit.keptWrites(user),
  }
}

test.each([0, 1, TAIL, TAIL + 1, 5000])(
  '%i changes are folded, and what is kept is the same',
  async (changes) => {
    const page = await tab()
    const { before, after, next, records, log, writes } = await page.evaluate(fold, changes)
    expect(before?.position).toBe(`${changes}.n.o`)
    expect(Object.keys(before?.titles ?? {})).toHaveLength(2 + changes - Math.floor(changes / 2))
    expect(after).toEqual(before)
    expect(next).toEqual({ position: `${changes + 1}.n.o`, adrift: 0, title: 'next' })
    expect(writes).toEqual(['w'])
    // The last ones stay as they are, for tabs that are a little behind.
    if (changes <= TAIL) expect([records, log]).toEqual([0, changes + 1])
    else {
      expect(records).toBeGreaterThan(0)
      // With the one that leads to the first of them, and the one that came after.
      expect(log).toBe(TAIL + 2)
    }
  },
)

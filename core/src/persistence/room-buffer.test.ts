import { expect, test } from 'vitest'
import { RoomBuffer } from './room-buffer.ts'
import { pass, recordedRoom, shapeRows } from './testing/recorded-room.ts'

function opened() {
  const recorded = recordedRoom()
  const reported: unknown[] = []
  const adrift: string[] = []
  const buffer = new RoomBuffer({
    room: recorded.room,
    later: recorded.later,
    report: (error) => void reported.push(error),
    adrift: (key) => void adrift.push(key),
  })
  return { ...recorded, buffer, reported, adrift }
}

test('what moves within a while is kept in one transaction', () => {
  const { buffer, commits, wait } = opened()
  buffer.pass(pass(1, 2, 'a'))
  buffer.touch('b')
  buffer.pass(pass(2, 3, 'a'))
  expect(commits).toEqual([])
  wait()
  expect(commits).toMatchObject([{ passes: [pass(1, 2, 'a'), pass(2, 3, 'a')], touch: ['b'] }])
  wait()
  expect(commits.length).toBe(1)
})

test('a busy room does not wait: sixty-four passes are kept at once', () => {
  const { buffer, commits } = opened()
  for (let seq = 0; seq < 64; seq++) buffer.pass(pass(seq, seq + 1, 'a'))
  expect(commits.map(({ passes }) => passes?.length)).toEqual([64])
})

test('a settled write is forgotten in the transaction of the rows that moved before it, and when that is kept', async () => {
  const { buffer, commits, wait, keep } = opened()
  let forgotten = 'waits'
  buffer.pass(pass(1, 2, 'a'))
  const forgetting = buffer.forget(['w'], []).then(() => {
    forgotten = 'done'
  })
  wait()
  await Promise.resolve()
  expect(commits).toMatchObject([{ passes: [pass(1, 2, 'a')], deleteWrites: ['w'] }])
  expect(forgotten).toBe('waits')
  await keep()
  await forgetting
  expect(forgotten).toBe('done')
})

test('whoever waits for a transaction that fails is told, it is reported, and what comes later is kept', async () => {
  const { buffer, reported, commits, wait, keep, fail } = opened()
  const full = new Error('the disk is full')
  const forgetting = buffer.forget(['w'], [])
  wait()
  const later = buffer.forget(['v'], [])
  await fail(full)
  await expect(forgetting).rejects.toBe(full)
  expect(reported).toEqual([full])
  wait()
  await keep()
  await expect(later).resolves.toBeUndefined()
  expect(commits.map(({ deleteWrites }) => deleteWrites)).toEqual([['w'], ['v']])
})

test('all rows of a shape void what moved of it before, and of no other shape', () => {
  const { buffer, commits, wait } = opened()
  buffer.pass(pass(1, 2, 'a', 'b'))
  buffer.drop('a')
  buffer.replace(shapeRows('a', 5))
  buffer.pass(pass(5, 6, 'a'))
  wait()
  expect(commits).toMatchObject([
    { replace: [shapeRows('a', 5)], passes: [pass(1, 2, 'b'), pass(5, 6, 'a')], dropShapes: [] },
  ])
})

test('a shape that is dropped is dropped with everything that moved of it', () => {
  const { buffer, commits, wait } = opened()
  buffer.replace(shapeRows('a', 1))
  buffer.pass(pass(1, 2, 'a'))
  buffer.drop('a')
  wait()
  expect(commits).toMatchObject([{ replace: [], passes: [{ shapes: [] }], dropShapes: ['a'] }])
})

test('a shape that does not go on is named, unless all its rows were handed in since', async () => {
  const { buffer, adrift, wait, keep } = opened()
  buffer.pass(pass(1, 2, 'a', 'b', 'c'))
  wait()
  buffer.replace(shapeRows('b', 5))
  wait()
  buffer.replace(shapeRows('c', 5))
  await keep({ adrift: ['a', 'b', 'c'] })
  expect(adrift).toEqual(['a'])
  await keep({ adrift: ['b'] })
  expect(adrift).toEqual(['a', 'b'])
})

test('a flush keeps everything now, also where the shapes are that saw nothing', async () => {
  const { buffer, commits, wait, keep } = opened()
  buffer.pass(pass(1, 2, 'a'))
  const flushed = buffer.flush()
  expect(commits).toMatchObject([{ passes: [pass(1, 2, 'a')], keepPositions: true }])
  await keep()
  await flushed
  wait()
  expect(commits.length).toBe(1)
})

import { expect, test } from 'vitest'
import type { RowCommit } from '../stream/row-commit.ts'
import { shapeKey } from '../stream/shape-key.ts'
import type { StreamEffect } from '../stream/stream-event.ts'
import type { Block, SubscriptionSpec } from '../wire/index.ts'
import { RoomKeeper } from './room-keeper.ts'
import { at, recordedRoom, rows } from './testing/recorded-room.ts'

const notes: SubscriptionSpec = { collection: 'notes' }
const todos: SubscriptionSpec = { collection: 'todos' }
const [ofNotes, ofTodos] = [shapeKey(notes), shapeKey(todos)]
const KEPT = { syncMode: 'eager', rows: 'kept' } as const
const NEW = { syncMode: 'on-demand', rows: 'none' } as const

function opened() {
  const recorded = recordedRoom()
  const reported: unknown[] = []
  const keeper = new RoomKeeper({
    room: recorded.room,
    later: recorded.later,
    report: (error) => void reported.push(error),
  })
  return { ...recorded, keeper, reported }
}

const commit = (seq: number, blocks: readonly Block[], as: RowCommit['as']): RowCommit => ({
  blocks,
  key: 'id',
  kinds: { done: 'boolean' },
  as,
  at: at(seq),
  window: null,
})

type EffectOf<T extends StreamEffect['type']> = Extract<StreamEffect, { type: T }>

const passed = (from: number, to: number, news: readonly (readonly [sub: number, block: Block])[] = []) =>
  ({
    type: 'passed',
    from: at(from),
    to: at(to),
    commits: news.map(([sub, block]) => ({ sub, commit: commit(to, [block], 'merge'), news: [block] })),
  }) satisfies EffectOf<'passed'>

const joined = (sub: number, since: number | null, seq: number, ...news: Block[]): EffectOf<'joined'> => ({
  type: 'joined',
  sub,
  rows: { shape: 'token', key: 'id', kinds: { done: 'boolean' } },
  since: since === null ? null : at(since),
  commit: commit(seq, news, since === null ? 'replace' : 'merge'),
  news,
})

test('a pass is kept for every shape that it covers, also for those that saw nothing', () => {
  const { keeper, commits, wait } = opened()
  keeper.mounted(1, notes, KEPT)
  keeper.mounted(2, todos, KEPT)
  keeper.mounted(3, { ...notes, where: { op: 'isNull', column: 'by' } }, KEPT)
  keeper.passed(passed(1, 2, [[1, rows('n')]]), [1, 2])
  wait()
  expect(commits).toMatchObject([
    {
      passes: [
        {
          from: at(1),
          to: at(2),
          shapes: [
            { key: ofNotes, blocks: [rows('n')] },
            { key: ofTodos, blocks: [] },
          ],
        },
      ],
      touch: [ofNotes, ofTodos, expect.any(String)],
    },
  ])
})

test('a pass that moves nothing that is kept is not kept', () => {
  const { keeper, commits, wait } = opened()
  keeper.mounted(1, notes, NEW)
  keeper.passed(passed(1, 2, [[1, rows('n')]]), [1])
  wait()
  expect(commits).toEqual([])
})

test('all rows of a subscription are kept with what they are, and what changed since with where it was', () => {
  const { keeper, commits, wait } = opened()
  keeper.mounted(1, notes, NEW)
  keeper.mounted(2, todos, KEPT)
  keeper.joined(joined(1, null, 5, rows('n')))
  keeper.joined(joined(2, 3, 5, rows('t')))
  wait()
  expect(commits).toMatchObject([
    {
      replace: [
        {
          key: ofNotes,
          spec: notes,
          token: 'token',
          keyColumn: 'id',
          kinds: { done: 'boolean' },
          onDemand: true,
          at: at(5),
          boundary: undefined,
          blocks: [rows('n')],
        },
      ],
      passes: [{ from: at(3), to: at(5), shapes: [{ key: ofTodos, blocks: [rows('t')] }] }],
    },
  ])
})

test('the same rows are kept once, whoever else asks for them', () => {
  const { keeper, commits, wait } = opened()
  keeper.mounted(1, notes, KEPT)
  keeper.mounted(2, notes, NEW)
  keeper.passed(passed(1, 2), [1])
  keeper.joined(joined(2, null, 2, rows('n')))
  keeper.passed(
    passed(2, 3, [
      [1, rows('m')],
      [2, rows('m')],
    ]),
    [1, 2],
  )
  wait()
  expect(commits[0]?.replace).toEqual([])
  expect(commits[0]?.passes?.map(({ shapes }) => shapes)).toEqual([
    [{ key: ofNotes, blocks: [] }],
    [{ key: ofNotes, blocks: [rows('m')] }],
  ])
})

test('a page of a window is kept at the position where it was, with the new end', () => {
  const { keeper, commits, wait } = opened()
  keeper.mounted(1, notes, KEPT)
  keeper.extended({ type: 'extended', sub: 1, at: at(4), blocks: [rows('n')], boundary: ['n'] })
  wait()
  expect(commits[0]?.passes).toEqual([
    { from: at(4), to: at(4), shapes: [{ key: ofNotes, blocks: [rows('n')], boundary: ['n'] }] },
  ])
})

test('rows that may not be read any more are dropped, and nothing of them is kept any further', () => {
  const { keeper, commits, wait } = opened()
  keeper.mounted(1, notes, KEPT)
  keeper.passed(passed(1, 2), [1])
  keeper.emptied(1)
  keeper.passed(passed(2, 3), [1])
  wait()
  expect(commits).toMatchObject([{ passes: [{ shapes: [] }], dropShapes: [ofNotes] }])
})

test('a shape that does not go on is kept no further, until all its rows are there', async () => {
  const { keeper, commits, wait, keep } = opened()
  keeper.mounted(1, notes, KEPT)
  keeper.passed(passed(1, 2), [1])
  wait()
  await keep({ adrift: [ofNotes] })
  keeper.passed(passed(2, 3), [1])
  keeper.joined(joined(1, null, 4, rows('n')))
  keeper.passed(passed(4, 5), [1])
  wait()
  expect(commits[1]).toMatchObject({
    replace: [{ key: ofNotes, at: at(4) }],
    passes: [{ from: at(4), to: at(5) }],
  })
})

test('the shapes of what is shown are held', () => {
  const { keeper, held } = opened()
  keeper.mounted(1, notes, KEPT)
  keeper.mounted(2, todos, NEW)
  keeper.ended(1)
  expect(held).toEqual([[ofNotes], [ofNotes, ofTodos], [ofTodos]])
})

test('a write waits for nothing, and what has moved is not kept with it', async () => {
  const { keeper, commits, keep } = opened()
  keeper.mounted(1, notes, KEPT)
  keeper.passed(passed(1, 2), [1])
  const putting = keeper.put([], ['failed'])
  expect(commits).toEqual([{ putWrites: [], deleteFailed: ['failed'] }])
  await keep({ ords: new Map([['w', 7]]) })
  expect(await putting).toEqual(new Map([['w', 7]]))
})

test('what has moved is kept before anything is read, and before the storage is let go of', async () => {
  const { keeper, calls, keep } = opened()
  keeper.mounted(1, notes, KEPT)
  keeper.passed(passed(1, 2), [1])
  const loading = keeper.load()
  expect(calls).toEqual(['commit', 'load'])
  await keep()
  await loading
  keeper.passed(passed(2, 3), [1])
  const closing = keeper.close()
  expect(calls.slice(2)).toEqual(['commit'])
  await keep()
  await closing
  expect(calls.slice(2)).toEqual(['commit', 'close'])
})

test('a storage that keeps nothing any more is let go of all the same', async () => {
  const { keeper, calls, reported, fail } = opened()
  keeper.mounted(1, notes, KEPT)
  const closing = keeper.close()
  await fail(new Error('gone'))
  await closing
  expect(calls).toEqual(['commit', 'close'])
  expect(reported.length).toBe(1)
})

test('rows that may not be read any more are not kept, whoever was refused', () => {
  const { keeper, commits, wait } = opened()
  keeper.mounted(1, notes, { syncMode: 'eager', rows: 'none' })
  keeper.emptied(1)
  wait()
  expect(commits).toMatchObject([{ dropShapes: [ofNotes] }])
})

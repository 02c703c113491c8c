import { expect, test } from 'vitest'
import type { Position } from '../wire/index.ts'
import { withoutLeaving } from './leaving-writes.ts'
import type { NewFailure, RoomChange } from './room-storage.ts'

const pass = (key: string): RoomChange => ({
  passes: [{ from: '1.n.o' as Position, to: '2.n.o' as Position, shapes: [{ key, blocks: [] }] }],
})
const failure: NewFailure = {
  id: 'refused',
  code: 'forbidden',
  message: 'no',
  work: null,
  number: null,
  queuedAt: 0,
  failedAt: 0,
}
const leaving = (changes: readonly RoomChange[], adrift: readonly string[]) =>
  withoutLeaving(changes, adrift).map(({ deleteWrites }) => deleteWrites)

test('writes leave while the rows of every change are kept', () => {
  const changes = [{ ...pass('a'), deleteWrites: ['one'] }, { deleteWrites: ['two'] }]
  expect(withoutLeaving(changes, [])).toBe(changes)
  expect(withoutLeaving(changes, ['another'])).toBe(changes)
})

test('from the first change on whose rows are not kept, writes stay, except those that failed', () => {
  const changes = [
    { ...pass('a'), deleteWrites: ['before'] },
    { ...pass('b'), deleteWrites: ['with', 'refused'], putFailed: [failure] },
    { deleteWrites: ['behind'] },
  ]
  expect(leaving(changes, ['b'])).toEqual([['before'], ['refused'], []])
})

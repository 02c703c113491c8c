import { expect, test } from 'vitest'
import { FailedList } from '../outbox/failed-list.ts'
import type { NewWrite } from './room-storage.ts'
import {
  decodeFailure,
  decodeWrite,
  encodeFailure,
  encodeMark,
  encodeWrite,
  isFailure,
  UNREADABLE,
} from './write-record.ts'

const write: NewWrite = {
  id: 'a',
  cid: 'c',
  n: 1,
  sent: false,
  work: { do: 'call', name: 'clear', args: null },
  schemaVersion: 1,
  queuedAt: 5,
}
const TORN = { room: 'room', id: 'a', text: encodeWrite('room', write).text.slice(0, -9) }
const mark = encodeMark({ id: 'a', cid: 'c', n: 7, sent: true, sentAt: 9 })

test('a write is read as it was kept, under its last mark', () => {
  const kept = encodeWrite('room', write)
  expect(decodeWrite(3, kept, undefined)).toEqual({ ...write, room: 'room', ord: 3 })
  expect(decodeWrite(3, kept, mark)).toEqual({ ...write, n: 7, sent: true, sentAt: 9, room: 'room', ord: 3 })
})

test.each([
  ['is torn', TORN],
  ['does nothing that is known', { ...TORN, text: JSON.stringify({ ...write, work: { do: 'fly' } }) }],
])('a write that %s is a failure with its number, which is skipped', (_, record) => {
  const failure = decodeWrite(3, record, mark)
  expect(isFailure(failure)).toBe(true)
  expect(failure).toMatchObject({ room: 'room', id: 'a', code: UNREADABLE, number: { cid: 'c', n: 7 } })
})

test('a write whose mark cannot be read may have been sent, and is none that is sent by itself', () => {
  const failure = decodeWrite(3, encodeWrite('room', write), '{')
  expect(failure).toMatchObject({ code: UNREADABLE, number: null })
})

test('a write or a failure that cannot be read is shown among the failed ones, and not let go of as one that is old', () => {
  for (const failure of [decodeWrite(3, TORN, undefined), decodeFailure('room', 'a', '{')]) {
    if (!isFailure(failure)) throw new Error('it was read')
    const failed = new FailedList()
    expect(failed.add([failure], Date.now())).toEqual([])
    expect(failed.shown.get().items).toMatchObject([{ id: 'a', code: UNREADABLE }])
  }
})

test('a failure is read as it was kept', () => {
  const { cid: _, n: __, sent: ___, schemaVersion: ____, ...rest } = write
  const failure = { ...rest, code: 'denied', message: 'no', number: { cid: 'c', n: 1 }, failedAt: 6 }
  expect(decodeFailure('room', 'a', encodeFailure(failure))).toEqual({ ...failure, room: 'room' })
})

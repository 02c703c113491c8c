import { expect, test } from 'vitest'
import type { StoredWrite } from '../persistence/room-storage.ts'
import type { PendingWrite } from '../status/pending-writes.ts'
import { type RoomOfWrites, unsettledWrites } from './unsettled-writes.ts'

const stored = (room: string, id: string): StoredWrite => ({
  room,
  id,
  ord: 1,
  cid: 'c',
  n: 1,
  sent: false,
  work: { do: 'call', name: 'x', args: null },
  schemaVersion: 1,
  queuedAt: 1,
})

function client(room: string, knows: RoomOfWrites['knows'], ...ids: string[]): RoomOfWrites {
  const items = ids.map(
    (id): PendingWrite => ({ id, kind: 'command', ops: [], command: 'x', queuedAt: 2, state: 'queued' }),
  )
  const pending = { count: items.length, oldestAt: 2, items }
  return { room, knows, pendingWrites: { get: () => pending, subscribe: () => () => {} } }
}

const idsOf = (...of: Parameters<typeof unsettledWrites>) =>
  unsettledWrites(...of)
    .map(({ room, id }) => `${room}/${id}`)
    .sort()

const writes = [stored('a', '1'), stored('a', '2'), stored('b', '3')]

test('of a room that is not open the storage says what is unsettled', () => {
  expect(idsOf({ writes }, [])).toEqual(['a/1', 'a/2', 'b/3'])
})

test('a client that has read what is kept knows best: what it has settled may still be kept', () => {
  expect(idsOf({ writes }, [client('a', 'all', '2', 'new')])).toEqual(['a/2', 'a/new', 'b/3'])
})

test('a client that has read nothing yet adds what it has written, and no write counts twice', () => {
  expect(idsOf({ writes }, [client('a', 'nothing yet', '1', 'new')])).toEqual(['a/1', 'a/2', 'a/new', 'b/3'])
})

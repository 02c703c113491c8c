import { createCollection } from '@tanstack/db'
import { afterEach, expect, test, vi } from 'vitest'
import { doCollectionOptions } from '../collection/do-collection-options.ts'
import { memoryDevice } from '../persistence/memory-device.ts'
import { createSync } from './create-sync.ts'
import { defaultEnvironment } from './environment.ts'
import { insideOf } from './sync-client.ts'
import { type TodoApi, todo } from './testing/todo-room.ts'

afterEach(() => vi.unstubAllGlobals())

class NoWebSocket {
  constructor() {
    throw new Error('no network')
  }
}

test('writes of a room whose client was closed are counted, and sent by `flush`', async () => {
  vi.stubGlobal('navigator', {})
  const sync = createSync<TodoApi>({
    url: 'wss://x/sync',
    storage: memoryDevice('me'),
    settleOn: 'device',
    timings: { lostAfterMs: 1, firstWindowMs: 1 },
    WebSocket: NoWebSocket,
    environment: {
      ...defaultEnvironment(),
      reportError: () => {},
      fetch: () => Promise.reject(new Error('no network')),
    },
  })
  sync.pendingWrites.subscribe(() => {})
  const room = sync.room('a')
  const todos = createCollection(doCollectionOptions({ client: room, table: 'todos' }))
  await todos.insert(todo('new')).isPersisted.promise
  await insideOf(room).whenKnown()
  expect(sync.pendingWrites.get()).toMatchObject({ count: 1, rooms: { a: 1 } })
  await room.close()
  expect(await sync.flush()).toEqual({ sent: 0, left: 1 })
  expect(sync.pendingWrites.get()).toMatchObject({ count: 1, rooms: { a: 1 } })
  expect(sync.room('a')).not.toBe(room)
  await sync.room('a').close()
})

import { createCollection } from '@tanstack/db'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { engineOf, insideOf } from '../client/sync-client.ts'
import type { TodoApi } from '../client/testing/todo-room.ts'
import { memoryDevice } from '../persistence/memory-device.ts'
import { createTestServer } from '../test-server/index.ts'
import { doCollectionOptions } from './do-collection-options.ts'

const servers: { close(): Promise<void> }[] = []
beforeEach(() => void vi.spyOn(console, 'error').mockReturnValue())
afterEach(async () => {
  vi.restoreAllMocks()
  await Promise.all(servers.splice(0).map((server) => server.close()))
})

test('a collection whose filter cannot be said is among those of its client, and leaves nothing behind', async () => {
  const server = createTestServer<TodoApi>({ collections: { todos: {}, notes: {} } })
  servers.push(server)
  const keptAs = { endpoint: 'x', room: 'home' }
  const client = server.client({ storage: memoryDevice('me'), settleOn: 'device', keptAs })
  let attached = 0
  const { pending } = engineOf(client)
  const attach = pending?.attach.bind(pending)
  if (!pending || !attach) throw new Error('nothing outlives this page')
  vi.spyOn(pending, 'attach').mockImplementation((...args) => {
    attached++
    const detach = attach(...args)
    return () => {
      attached--
      detach()
    }
  })
  const title = undefined as unknown as string
  const todos = createCollection(doCollectionOptions({ client, table: 'todos', where: { title } }))
  const rows = todos.subscribeChanges(() => {})
  const state = { phase: 'error', error: { code: 'predicate-unsupported' } }
  expect(todos.utils.syncState.get()).toMatchObject(state)
  expect([...insideOf(client).collections]).toMatchObject([{ table: 'todos', state }])
  rows.unsubscribe()
  await todos.cleanup()
  expect([attached, insideOf(client).collections.size]).toEqual([0, 0])
  expect(todos.utils.syncState.get()).toEqual({ phase: 'idle' })
})

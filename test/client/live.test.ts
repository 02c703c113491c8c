import {
  doCollectionOptions,
  MutationRejectedError,
  SyncClient,
  WebSocketTransport,
} from '@durable-sync/core'
import { createCollection } from '@tanstack/db'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import { createWorld, type World } from '../support/world.ts'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.stop())

interface Message {
  id: string
  author: string
  content: string
  created_at: number
}

test('two clients', async () => {
  const make = (user: string) => {
    const transport = new WebSocketTransport({
      url: world.url('live', { userId: user }),
      WebSocket: WebSocket as never,
    })
    const client = new SyncClient({ transport })
    const messages = createCollection(doCollectionOptions<Message>({ transport, table: 'messages' }))
    return { client, messages }
  }
  const a = make('alice'),
    b = make('bob')
  await Promise.all([a.messages.preload(), b.messages.preload()])
  const tx = a.messages.insert({ id: 'm1', author: 'alice', content: 'hello', created_at: 1 })
  await tx.isPersisted.promise
  await vi.waitFor(() => expect(b.messages.toArray).toHaveLength(1))
  const bad = b.messages.insert({ id: 'm2', author: 'alice', content: 'forged', created_at: 1 })
  await expect(bad.isPersisted.promise).rejects.toThrow(MutationRejectedError)
  expect(b.messages.toArray).toHaveLength(1)
  for (let i = 0; i < 50; i++)
    a.messages.insert({ id: `x${i}`, author: 'alice', content: 'hello', created_at: i })
  await world.restart()
  await vi.waitFor(() => expect(b.messages.size).toBe(51), { timeout: 10000 })
  expect(await world.rows('live', 'messages')).toHaveLength(51)
  expect(a.messages.utils.client.status.get().state).toBe('connected')
  await a.messages.utils.client.close()
  await b.messages.utils.client.close()
})

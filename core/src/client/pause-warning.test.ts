import { createCollection } from '@tanstack/db'
import { afterEach, expect, it, vi } from 'vitest'
import { doCollectionOptions } from '../collection/do-collection-options.ts'
import type { ServerFrame } from '../wire/index.ts'
import { SyncClient } from './sync-client.ts'
import { ScriptedServer } from './testing/scripted-server.ts'
import { openRoom, type Todo, type TodoApi } from './testing/todo-room.ts'

afterEach(() => {
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
})

const FORBIDDEN: ServerFrame = { type: 'goodbye', code: 4403, message: 'not for you' }

/** What the console says when the connection ends, with these words or none. */
async function saidOf(goodbye?: ServerFrame): Promise<string[]> {
  const warned = vi.spyOn(console, 'warn').mockReturnValue()
  const { client, server, todoOptions } = openRoom()
  const todos = createCollection(todoOptions)
  await todos.preload()
  if (goodbye) server.sayNow(goodbye)
  else server.drop()
  await vi.waitFor(() => expect(client.status.get().state).not.toBe('connected'))
  await client.close()
  return warned.mock.calls.map(String)
}

it('an app that does not show its status reads in the console why it is paused, and what to do', async () => {
  expect(await saidOf(FORBIDDEN)).toEqual([
    expect.stringMatching(/paused until client\.resume\(\) \(needs-auth, forbidden\)/),
  ])
})

it('a connection that comes back by itself is not worth a word', async () => {
  expect(await saidOf()).toEqual([])
})

it('in production nothing is said', async () => {
  vi.stubEnv('NODE_ENV', 'production')
  expect(await saidOf(FORBIDDEN)).toEqual([])
})

it('a connection that does not come is said once, until it has come', async () => {
  const warned = vi.spyOn(console, 'warn').mockReturnValue()
  const server = new ScriptedServer()
  const timings = { firstWindowMs: 1, backoffBaseMs: 1, backoffCapMs: 2, lostAfterMs: 1 }
  const client = new SyncClient<TodoApi>({ transport: server, timings })
  const todos = createCollection(doCollectionOptions({ client, table: 'todos' }))
  let attempts = 0
  client.status.subscribe(() => {
    if (client.status.get().state === 'disconnected') attempts += 1
  })
  const fail = async () => {
    attempts = 0
    server.reaches = () => false
    server.drop()
    todos.startSyncImmediate()
    await vi.waitFor(() => expect(attempts).toBeGreaterThan(2))
  }
  await fail()
  const once = expect.stringMatching(
    /the connection is tried again \(disconnected, unreachable\): There is no/,
  )
  expect(warned.mock.calls.map(String)).toEqual([once])
  server.reaches = () => true
  await vi.waitFor(() => expect(client.status.get().state).toBe('connected'))
  await fail()
  await client.close()
  expect(warned.mock.calls.map(String)).toEqual([once, once])
})

it('a bare transport says once why it is paused', async () => {
  const [warned, erred] = [
    vi.spyOn(console, 'warn').mockReturnValue(),
    vi.spyOn(console, 'error').mockReturnValue(),
  ]
  const server = new ScriptedServer()
  const todos = createCollection(doCollectionOptions<Todo>({ transport: server, table: 'todos' }))
  await todos.preload()
  const { client } = todos.utils
  server.sayNow(FORBIDDEN)
  await vi.waitFor(() => expect(client.status.get().state).toBe('needs-auth'))
  await client.close()
  expect([warned.mock.calls.length, erred.mock.calls.length]).toEqual([1, 0])
})

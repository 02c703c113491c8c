import { createCollection } from '@tanstack/db'
import { afterEach, expect, it, vi } from 'vitest'
import type { ServerFrame } from '../wire/index.ts'
import { openRoom } from './testing/todo-room.ts'

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

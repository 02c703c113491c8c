import { createCollection, createTransaction } from '@tanstack/db'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { ending, openRoom, todo } from '../client/testing/todo-room.ts'

const said = () => vi.mocked(console.warn).mock.calls.map(String)

beforeEach(() => {
  vi.spyOn(console, 'warn').mockReturnValue()
})
afterEach(() => {
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
})

async function openRefusing() {
  const { server, client, todoOptions } = openRoom()
  const todos = createCollection(todoOptions)
  await todos.preload()
  server.run = () => ({ is: 'rejected', code: 'denied', message: 'not yours' })
  return { client, todos, [Symbol.asyncDispose]: () => client.close() }
}

it('a write that nobody awaits and the server refuses is said in the console, once, with its key and its cause', async () => {
  await using room = await openRefusing()
  room.todos.insert(todo('a'))
  await vi.waitFor(() => expect(room.todos.has('a')).toBe(false))
  expect(said()).toEqual([
    'durable-sync: the insert of a was refused and is taken back: not yours (ERRORS.md#denied)',
  ])
})

it('a write that cannot be sent at all is said as well', async () => {
  await using room = await openRefusing()
  const tx = room.todos.insert({ ...todo('a'), title: Number.NaN as never })
  await ending(tx.isPersisted.promise)
  expect(said()).toEqual([
    expect.stringMatching(/^durable-sync: the insert of a was refused .*value-invalid/),
  ])
})

it('what the application takes back itself is not worth a word', async () => {
  await using room = await openRefusing()
  const tx = createTransaction({ autoCommit: false, mutationFn: room.client.mutationFn })
  tx.mutate(() => room.todos.insert(todo('a')))
  const committed = ending(tx.commit())
  tx.rollback()
  await committed
  await ending(tx.isPersisted.promise)
  expect(said()).toEqual([])
})

it('in production nothing is said of a refused write', async () => {
  vi.stubEnv('NODE_ENV', 'production')
  await using room = await openRefusing()
  await ending(room.todos.insert(todo('a')).isPersisted.promise)
  expect(said()).toEqual([])
})

import { createCollection } from '@tanstack/db'
import { afterEach, expect, it, vi } from 'vitest'
import { openRoom, todo } from '../client/testing/todo-room.ts'

afterEach(() => {
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
})

/** What the console says when so many rows are written in so many calls of one tick, twice. */
async function saidOf(calls: number, rows = 1): Promise<string[]> {
  const warned = vi.spyOn(console, 'warn').mockReturnValue()
  const { client, todoOptions } = openRoom()
  const todos = createCollection(todoOptions)
  await todos.preload()
  for (const round of ['a', 'b']) {
    const written = Array.from({ length: calls }, (_, call) =>
      todos.insert(Array.from({ length: rows }, (_, i) => todo(`${round} ${call} ${i}`))),
    )
    await Promise.all(written.map(({ isPersisted }) => isPersisted.promise))
  }
  await client.close()
  return warned.mock.calls.map(String)
}

it('more than five hundred unconfirmed transactions of a collection are told of once, with what to write instead', async () => {
  expect(await saidOf(501)).toEqual([
    expect.stringMatching(/more than 500 transactions of "todos" .* insert\(\[…\]\)/),
  ])
})

it('confirmed ones do not count, and neither do the rows of a call', async () => {
  expect(await saidOf(300, 2)).toEqual([])
})

it('in production nothing is said', async () => {
  vi.stubEnv('NODE_ENV', 'production')
  expect(await saidOf(501)).toEqual([])
})

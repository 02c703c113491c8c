import { expect, test } from 'vitest'
import { nearestClient, providedBy } from './nearest-client.ts'
import { openRoom } from './testing/todo-room.ts'

const { client } = openRoom()
const sync = { room: () => client }
const FIX = 'render a provider'
const missing = (message: RegExp) =>
  expect.objectContaining({ code: 'provider-missing', message: expect.stringMatching(message) })

test('without a provider the error names the fix', () => {
  expect(() => nearestClient(undefined, undefined, FIX)).toThrow(missing(/render a provider/))
})

test('a provider that has a sync and no room says that a room is missing, and not a provider', () => {
  const provided = providedBy({ sync }, undefined)
  expect(() => nearestClient(undefined, provided, FIX)).toThrow(missing(/has a `sync` and no `room`/))
  expect(nearestClient('lobby', provided, FIX)).toBe(client)
})

test('a room is one of the nearest sync', () => {
  const around = providedBy({ sync }, undefined)
  expect(providedBy({ room: 'lobby' }, around)).toEqual({ client, sync })
  expect(() => providedBy({ room: 'lobby' }, undefined)).toThrow(missing(/would know room "lobby"/))
  expect(() => nearestClient('lobby', providedBy({ client }, undefined), FIX)).toThrow(
    missing(/room "lobby"/),
  )
})

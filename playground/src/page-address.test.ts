import { expect, test } from 'vitest'
import { addressOf, readAddress, toRoomName } from './page-address.ts'

test('an address names the room and the seat', () => {
  expect(readAddress('?room=kitchen&seat=2')).toEqual({ room: 'kitchen', seat: 2 })
})

test('without a room or a sensible seat it is the first seat in the lobby', () => {
  for (const search of [
    '',
    '?room=',
    '?room=%20',
    '?seat=0',
    '?seat=-1',
    '?seat=1.5',
    '?seat=x',
    '?seat=1000',
  ])
    expect(readAddress(search), search).toEqual({ room: 'lobby', seat: 1 })
})

test('a link leads back to the address it was made of', () => {
  for (const address of [
    { room: 'lobby', seat: 1 },
    { room: 'the-attic_2', seat: 3 },
  ])
    expect(readAddress(addressOf(address))).toEqual(address)
})

test('whatever is typed becomes a name that the Worker accepts as one', () => {
  for (const typed of ['The Attic!', '../etc', 'Ünïcode', '—', 'a/b?c=d&e', 'x'.repeat(500)])
    expect(toRoomName(typed)).toMatch(/^[a-z0-9_-]{1,40}$/)
  expect(toRoomName('  The Attic! ')).toBe('the-attic')
})

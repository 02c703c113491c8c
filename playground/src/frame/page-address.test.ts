import { expect, test } from 'vitest'
import { addressOf, type PageAddress, readAddress, toRoomName } from './page-address.ts'

const read = (address: string) => readAddress(new URL(address, 'http://localhost'))

test('an address names the page, the room and the seat', () => {
  expect(read('/chat?room=kitchen&seat=2')).toEqual({ page: 'chat', room: 'kitchen', seat: 2 })
  expect(read('/board?room=kitchen')).toEqual({ page: 'board', room: 'kitchen', seat: 1 })
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
    expect(read(`/chat${search}`), search).toEqual({ page: 'chat', room: 'lobby', seat: 1 })
})

test('a link leads back to the address it was made of', () => {
  const addresses: PageAddress[] = [
    { page: 'chat', room: 'lobby', seat: 1 },
    { page: 'board', room: 'the-attic_2', seat: 3 },
    { page: 'items', room: 'lobby', seat: 1 },
  ]
  for (const address of addresses) expect(read(addressOf(address))).toEqual(address)
})

test('whatever is typed becomes a name that the Worker accepts as one', () => {
  for (const typed of ['The Attic!', '../etc', 'Ünïcode', '—', 'a/b?c=d&e', 'x'.repeat(500)])
    expect(toRoomName(typed)).toMatch(/^[a-z0-9_-]{1,40}$/)
  expect(toRoomName('  The Attic! ')).toBe('the-attic')
})

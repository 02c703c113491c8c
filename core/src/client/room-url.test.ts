import { expect, test } from 'vitest'
import { urlOfRoom } from './room-url.ts'

test.for([
  ['wss://example.test/sync', 'a', 'wss://example.test/sync/a'],
  ['wss://example.test/sync/', 'a', 'wss://example.test/sync/a'],
  ['wss://example.test', 'a', 'wss://example.test/a'],
  ['/sync', 'a', '/sync/a'],
  ['https://example.test/sync?v=1#x', 'a', 'https://example.test/sync/a?v=1#x'],
  ['/sync', 'a/b?c d', '/sync/a%2Fb%3Fc%20d'],
] as const)('%s and the room %s make %s', ([base, room, url]) => {
  expect(urlOfRoom(base, room)).toBe(url)
})

test('a function says where a room is, each time', async () => {
  let asked = 0
  const url = urlOfRoom((room) => `wss://${room}.test/${++asked}`, 'a')
  if (typeof url !== 'function') throw new Error('it is asked before every socket')
  expect([await url(), await url()]).toEqual(['wss://a.test/1', 'wss://a.test/2'])
})

test('a name that every URL takes for a way up is none', () => {
  for (const name of ['', '.', '..'])
    expect(() => urlOfRoom('/sync', name)).toThrow(expect.objectContaining({ code: 'room-invalid' }))
})

import { expect, test } from 'vitest'
import { requestUrl, socketUrl } from './socket-url.ts'

const without = { base: undefined, token: undefined }

test.each([
  ['ws://host/room', 'ws://host/room'],
  ['wss://host/room?a=1', 'wss://host/room?a=1'],
  ['http://host/room', 'ws://host/room'],
  ['https://host:8443/room#part', 'wss://host:8443/room'],
])('%s becomes %s', (text, expected) => {
  expect(socketUrl(text, without)).toBe(expected)
})

test('a relative address is resolved against the page', () => {
  const page = { base: 'https://app.example/todos/7', token: undefined }
  expect(socketUrl('/sync/room', page)).toBe('wss://app.example/sync/room')
  expect(socketUrl('sync', page)).toBe('wss://app.example/todos/sync')
})

test('the token becomes a query parameter, whatever it is made of, and replaces one that is there', () => {
  const token = { param: 'ticket', value: 'a b&c=d/é' }
  const url = new URL(socketUrl('ws://host/room?x=1&ticket=old', { base: undefined, token }))
  expect([...url.searchParams]).toEqual([
    ['x', '1'],
    ['ticket', 'a b&c=d/é'],
  ])
})

test.each(['/sync', 'ftp://host/', 'http://', ''])('%j is refused with a code', (text) => {
  expect(() => socketUrl(text, without)).toThrow(expect.objectContaining({ code: 'url-invalid' }))
})

test('the request for the status goes to the same place over http', () => {
  expect(requestUrl('wss://host/room?token=t')).toBe('https://host/room?token=t')
  expect(requestUrl('ws://host/ws/room')).toBe('http://host/ws/room')
})

import type { SocketEnd, Transport, TransportListener } from '@durable-sync/core'
import { expect, test } from 'vitest'
import type { Line } from './line-switch.ts'
import { SwitchedTransport } from './switched-transport.ts'

/** A transport that opens at once, behind a line that a test switches. */
function wired() {
  const did: string[] = []
  const heard: string[] = []
  let behind: TransportListener | undefined
  const inner: Transport = {
    address: '/sync/room',
    attach: (listener) => {
      behind = listener
    },
    detach: () => {},
    open: ({ socket }) => did.push(`open ${socket}`),
    send: (socket, text) => did.push(`send ${socket} ${text}`) > 0,
    close: (socket) => did.push(`close ${socket}`),
  }
  const endOf = (end: SocketEnd) => (end.is === 'closed' ? String(end.code) : end.is)
  const listener: TransportListener = {
    onOpen: (socket) => heard.push(`open ${socket}`),
    onMessage: (socket, text) => heard.push(`message ${socket} ${text}`),
    onClose: (socket, end) => heard.push(`close ${socket} ${endOf(end)}`),
  }
  let line: Line = { is: 'on', cuts: 0, delayMs: 0 }
  const told = new Set<() => void>()
  const set = (next: Partial<Line>) => {
    line = { ...line, ...next }
    for (const tell of told) tell()
  }
  const subscribe = (tell: () => void) => {
    told.add(tell)
    return () => void told.delete(tell)
  }
  const transport = new SwitchedTransport(inner, { get: () => line, subscribe })
  transport.attach(listener, {} as Parameters<Transport['attach']>[1])
  const open = (socket: number) => transport.open({ socket, credentials: 'cached' })
  const server = () => behind as TransportListener
  return { transport, did, heard, set, open, server }
}

test('with the line on it passes everything on', () => {
  const { transport, did, heard, open, server } = wired()
  open(1)
  server().onOpen(1)
  server().onMessage(1, 'hello')
  expect(transport.send(1, 'hi')).toBe(true)
  server().onClose(1, { is: 'closed', code: 4403, reason: '' })
  expect(did).toEqual(['open 1', 'send 1 hi'])
  expect(heard).toEqual(['open 1', 'message 1 hello', 'close 1 4403'])
  expect(transport.address).toBe('/sync/room')
})

test('switching it off ends the socket as an outage does, once, and says nothing more of it', () => {
  const { transport, did, heard, set, open, server } = wired()
  open(1)
  server().onOpen(1)
  set({ is: 'off' })
  server().onMessage(1, 'late')
  server().onClose(1, { is: 'closed', code: 1005, reason: '' })
  expect(transport.send(1, 'hi')).toBe(false)
  expect(did).toEqual(['open 1', 'close 1'])
  expect(heard).toEqual(['open 1', 'close 1 unreachable'])
})

test('while it is off no socket opens, and who asked for one hears so later', async () => {
  const { did, heard, set, open } = wired()
  set({ is: 'off' })
  open(1)
  expect(heard).toEqual([])
  await Promise.resolve()
  expect(heard).toEqual(['close 1 unreachable'])
  set({ is: 'on' })
  open(2)
  expect(did).toEqual(['open 2'])
})

test('a socket that was asked for and closed in the same turn is not spoken of', async () => {
  const { transport, heard, set, open } = wired()
  set({ is: 'off' })
  open(1)
  transport.close(1, 1000, '')
  await Promise.resolve()
  expect(heard).toEqual([])
})

test('a cut ends the socket of that moment, and the next one opens', () => {
  const { did, heard, set, open, server } = wired()
  open(1)
  server().onOpen(1)
  set({ cuts: 1 })
  open(2)
  server().onOpen(2)
  expect(did).toEqual(['open 1', 'close 1', 'open 2'])
  expect(heard).toEqual(['open 1', 'close 1 1006', 'open 2'])
})

test('a cut without a socket is none', () => {
  const { heard, set } = wired()
  set({ cuts: 1 })
  expect(heard).toEqual([])
})

import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import { defaultEnvironment } from '../client/environment.ts'
import { SocketServer } from './testing/socket-server.ts'
import type { SocketEnd, TransportListener } from './transport.ts'
import { WebSocketTransport, type WebSocketTransportOptions } from './websocket-transport.ts'

let server: SocketServer
beforeEach(async () => {
  server = await SocketServer.start()
})
afterEach(() => server.stop())

function pipe(options: Partial<WebSocketTransportOptions> = {}) {
  const transport = new WebSocketTransport({ url: `${server.url}/room`, WebSocket, ...options })
  const log: string[] = []
  const ends: SocketEnd[] = []
  const listener: TransportListener = {
    onOpen: (socket) => log.push(`open ${socket}`),
    onMessage: (socket, text) => log.push(`message ${socket} ${text}`),
    onClose: (socket, end) => {
      log.push(`close ${socket} ${end.is}`)
      ends.push(end)
    },
  }
  transport.attach(listener, defaultEnvironment())
  onTestFinished(() => transport.detach(listener))
  const open = (socket: number, credentials: 'cached' | 'renewed' = 'cached') =>
    transport.open({ socket, credentials })
  const saw = (entry: string) =>
    vi.waitFor(() => expect(log).toContain(entry), { timeout: 4000, interval: 5 })
  return { transport, listener, log, ends, open, saw }
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

describe('a WebSocketTransport', () => {
  test('does nothing until it is told to, and can be made where there is no WebSocket', async () => {
    const bare = new WebSocketTransport({ url: 'wss://nowhere.invalid/room' })
    pipe()
    await pause(20)
    expect(server.upgrades).toEqual([])
    const ends: SocketEnd[] = []
    const listener = {
      onOpen: () => {},
      onMessage: () => {},
      onClose: (_: number, end: SocketEnd) => ends.push(end),
    }
    bare.attach(listener, { ...defaultEnvironment(), webSocket: () => undefined })
    bare.open({ socket: 1, credentials: 'cached' })
    expect(ends).toMatchObject([{ is: 'unusable', cause: { code: 'websocket-missing' } }])
  })

  test('carries texts both ways', async () => {
    server.onSocket = (socket) => socket.on('message', (data) => socket.send(`echo ${data}`))
    const { transport, open, saw } = pipe()
    open(1)
    await saw('open 1')
    expect(transport.send(1, 'hello')).toBe(true)
    await saw('message 1 echo hello')
  })

  test('belongs to one session at a time', () => {
    const { transport, listener } = pipe()
    const other = { ...listener }
    expect(() => transport.attach(other, defaultEnvironment())).toThrow(
      expect.objectContaining({ code: 'transport-in-use' }),
    )
    transport.detach(other)
    expect(() => transport.attach(other, defaultEnvironment())).toThrow()
    transport.detach(listener)
    transport.attach(other, defaultEnvironment())
    transport.detach(other)
  })

  test('never sends later what it was given while it was down', async () => {
    const received: string[] = []
    server.onSocket = (socket) => socket.on('message', (data) => received.push(String(data)))
    const { transport, open, saw } = pipe()
    expect(transport.send(1, 'too early')).toBe(false)
    open(1)
    expect(transport.send(1, 'still too early')).toBe(false)
    await saw('open 1')
    expect(transport.send(2, 'wrong number')).toBe(false)
    transport.send(1, 'first')
    await vi.waitFor(() => expect(received).toEqual(['first']))
    server.cut()
    await saw('close 1 closed')
    expect(transport.send(1, 'too late')).toBe(false)
    open(2)
    await saw('open 2')
    transport.send(2, 'second')
    await vi.waitFor(() => expect(received).toEqual(['first', 'second']))
  })

  test('does not keep for the next socket what was given to one that is closing', async () => {
    const made: WebSocket[] = []
    const received: string[] = []
    server.onSocket = (socket) => socket.on('message', (data) => received.push(String(data)))
    class Kept extends WebSocket {
      constructor(url: string) {
        super(url)
        made.push(this)
      }
    }
    const { transport, open, saw } = pipe({ WebSocket: Kept })
    open(1)
    await saw('open 1')
    Object.defineProperty(made[0], 'readyState', { value: WebSocket.CLOSING })
    expect(transport.send(1, 'stale')).toBe(false)
    open(2)
    await saw('open 2')
    expect(transport.send(2, 'hello')).toBe(true)
    await vi.waitFor(() => expect(received).toEqual(['hello']))
  })

  test('does not dial again by itself, however a socket ended', async () => {
    const { open, saw, ends } = pipe({ connectTimeoutMs: 100 })
    let socket = 0
    for (const end of [
      () => server.cut(),
      ...[1000, 1012, 4401, 4403].map((code) => () => server.sockets.at(-1)?.close(code)),
    ]) {
      open(++socket)
      await saw(`open ${socket}`)
      end()
      await saw(`close ${socket} closed`)
    }
    await pause(50)
    expect(server.upgrades.length).toBe(5)
    expect(ends.map((end) => 'code' in end && end.code)).toEqual([1006, 1000, 1012, 4401, 4403])
    for (const answer of [503, 'hang'] as const) {
      server.answer = answer
      open(++socket)
      await saw(`close ${socket} unreachable`)
    }
    await pause(50)
    expect(server.upgrades.length).toBe(7)
    server.answer = 'accept'
    open(++socket)
    await saw(`open ${socket}`)
    expect(server.open).toBe(1)
  })

  test('closes with a code, tells nobody, and leaves one socket', async () => {
    const codes: number[] = []
    server.onSocket = (socket) => socket.on('close', (code) => codes.push(code))
    const { transport, open, saw, log } = pipe()
    open(1)
    await saw('open 1')
    transport.close(1, 4003, 'x'.repeat(500))
    open(2)
    await saw('open 2')
    await vi.waitFor(() => expect(codes).toEqual([4003]))
    expect(log).toEqual(['open 1', 'open 2'])
    expect(server.open).toBe(1)
  })

  test('dials once for open, close, open in any phase', async () => {
    for (const wait of [0, 1, 2, 3, 5, 8]) {
      const { transport, listener, open, saw, log } = pipe({ getToken: async () => `t${wait}` })
      const before = server.open
      for (let socket = 1; socket <= 6; socket++) {
        open(socket)
        if (wait < 4) for (let i = 0; i < wait; i++) await Promise.resolve()
        else await pause(wait)
        if (socket < 6) transport.close(socket, 1000, '')
      }
      await saw('open 6')
      await pause(20)
      expect(server.open).toBe(before + 1)
      expect(log.filter((entry) => entry.startsWith('close'))).toEqual([])
      transport.detach(listener)
      await vi.waitFor(() => expect(server.open).toBe(before))
    }
  })

  test('does not dial an address that was fetched for a socket given up meanwhile', async () => {
    let current = 0
    const dialled: { readonly path: string; readonly wanted: string }[] = []
    class Recording extends WebSocket {
      constructor(url: string) {
        super(url)
        dialled.push({ path: new URL(url).pathname, wanted: `/${current}` })
      }
    }
    let hops = 0
    const giveUp = async () => {
      for (let i = 0; i < hops; i++) await Promise.resolve()
      transport.close(current, 1000, '')
      open(++current)
    }
    const url = () => {
      // Some of these give up between the address and the socket, where partysocket cannot be stopped.
      if (current % 2 === 1) void giveUp()
      return `${server.url}/${current}`
    }
    const { transport, open, saw } = pipe({ url, WebSocket: Recording })
    for (; hops < 40; hops++) {
      open(++current)
      await saw(`open ${2 * hops + 2}`)
      transport.close(current, 1000, '')
    }
    expect(dialled.filter(({ path, wanted }) => path !== wanted)).toEqual([])
    expect(dialled.length).toBeGreaterThanOrEqual(40)
  })

  test('asks for the address and the token before every socket, and forces a new one when told to', async () => {
    const forced: boolean[] = []
    const { transport, open, saw } = pipe({
      url: async () => `${server.url}/room?n=${forced.length}`,
      getToken: ({ force }) => `t${forced.push(force)}`,
    })
    for (const [socket, credentials] of [
      [1, 'cached'],
      [2, 'renewed'],
      [3, 'cached'],
    ] as const) {
      open(socket, credentials)
      await saw(`open ${socket}`)
      transport.close(socket, 1000, '')
    }
    expect(server.upgrades).toEqual(['/room?n=0&token=t1', '/room?n=1&token=t2', '/room?n=2&token=t3'])
    expect(forced).toEqual([false, true, false])
  })

  test('uses a token that was handed over instead, and keeps it where there is no getToken', async () => {
    const { transport, open, saw } = pipe({ tokenParam: 'ticket' })
    transport.open({ socket: 1, credentials: 'cached', token: 'given' })
    await saw('open 1')
    transport.close(1, 1000, '')
    open(2)
    await saw('open 2')
    expect(server.upgrades).toEqual(['/room?ticket=given', '/room?ticket=given'])
  })

  test('does not dial for somebody who is not logged in', async () => {
    const { open, saw } = pipe({ getToken: () => null })
    open(1)
    await saw('close 1 logged-out')
    expect(server.upgrades).toEqual([])
  })

  test('survives a getToken that hangs, throws, or rejects with nothing at all', async () => {
    const ways: readonly (() => Promise<string>)[] = [
      () => new Promise(() => {}),
      () => {
        throw new Error('from getToken')
      },
      () => Promise.reject(undefined),
      () => Promise.resolve('good'),
    ]
    let way = 0
    const { open, saw, ends } = pipe({
      getToken: () => (ways[way++] as () => Promise<string>)(),
      prepareTimeoutMs: 30,
    })
    for (const socket of [1, 2, 3]) {
      open(socket)
      await saw(`close ${socket} unprepared`)
    }
    open(4)
    await saw('open 4')
    expect(ends.map((end) => 'cause' in end && end.cause.code)).toEqual([
      'token-failed',
      'token-failed',
      'token-failed',
    ])
  })

  test('aborts a getToken that nobody waits for any more', async () => {
    let asked: AbortSignal | undefined
    const { transport, open } = pipe({
      getToken: ({ signal }) => {
        asked = signal
        return new Promise(() => {})
      },
    })
    open(1)
    await vi.waitFor(() => expect(asked).toBeDefined())
    transport.close(1, 1000, '')
    expect(asked?.aborted).toBe(true)
  })

  test('says that an address is wrong instead of retrying it', async () => {
    const { open, saw, ends } = pipe({ url: '/relative' })
    open(1)
    await saw('close 1 unusable')
    expect(ends).toMatchObject([{ cause: { code: 'url-invalid' } }])
  })

  test('finds out the status of a refused upgrade', async () => {
    const { transport, open, saw } = pipe({ getToken: () => 't' })
    expect(await transport.probe()).toBeUndefined()
    server.answer = 403
    open(1)
    await saw('close 1 unreachable')
    expect(await transport.probe()).toBe(403)
    expect(server.requests).toEqual(['/room?token=t'])
  })

  test('hands binary messages on as something that is no frame', async () => {
    server.onSocket = (socket) => socket.send(Buffer.from('{}'))
    const { open, saw } = pipe()
    open(1)
    await saw('message 1 ')
  })

  test('gives up a socket that cannot even be made', async () => {
    const broken = class {
      constructor() {
        throw new DOMException('insecure')
      }
    }
    const { open, saw, log } = pipe({ WebSocket: broken })
    open(1)
    await saw('close 1 unreachable')
    open(2)
    await saw('close 2 unreachable')
    expect(log.length).toBe(2)
  })
})

import { execFile } from 'node:child_process'
import { mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import { defaultEnvironment } from '../client/environment.ts'
import { SocketServer } from '../transport/testing/socket-server.ts'
import { WebSocketTransport, type WebSocketTransportOptions } from '../transport/websocket-transport.ts'
import { CloseCode, decodeClientFrame, encodeServerFrame, PING, PONG } from '../wire/index.ts'
import { Session } from './session.ts'
import type { SessionTimings } from './session-timings.ts'
import { PASS, RecordingListener, WELCOME } from './testing/session-fixture.ts'

let server: SocketServer
/** What arrived at the server, by socket. */
let heard: string[][]
let manners: 'polite' | 'mute'
let windowMs: number

beforeEach(async () => {
  heard = []
  manners = 'polite'
  windowMs = 20
  server = await SocketServer.start()
  server.onSocket = (socket) => {
    const texts: string[] = []
    heard.push(texts)
    socket.on('message', (data) => {
      const text = String(data)
      texts.push(text === PING ? PING : decodeClientFrame(text).type)
      if (manners === 'mute') return
      if (text === PING) socket.send(PONG)
      else if (texts.length === 1) {
        socket.send(encodeServerFrame({ ...WELCOME, reconnectWindowMs: windowMs }))
        socket.send(encodeServerFrame(PASS))
      }
    })
  }
})
afterEach(() => server.stop())

function connect(timings: Partial<SessionTimings> = {}, options: Partial<WebSocketTransportOptions> = {}) {
  const transport = new WebSocketTransport({ url: server.url, WebSocket, ...options })
  const listener = new RecordingListener()
  const session = new Session({ transport, listener, environment: defaultEnvironment(), timings })
  onTestFinished(() => session.close())
  session.want()
  const becomes = (state: string) =>
    vi.waitFor(() => expect(session.status.get().state).toBe(state), { timeout: 4000, interval: 2 })
  return { transport, listener, session, becomes }
}

describe('a session over real sockets', () => {
  test('says hello first on every socket and sends nothing that was queued', async () => {
    const { session, becomes } = connect()
    session.send({ type: 'leave', sub: 1 })
    await becomes('connected')
    server.cut()
    await becomes('reconnecting')
    session.send({ type: 'leave', sub: 2 })
    await becomes('connected')
    session.send({ type: 'leave', sub: 3 })
    await vi.waitFor(() => expect(heard).toEqual([['hello'], ['hello', 'leave']]))
  })

  test('dials at once when it is kicked out of a long wait', async () => {
    const { session, becomes } = connect({ backoffBaseMs: 30_000, backoffCapMs: 60_000 })
    await becomes('connected')
    server.sockets[0]?.close(CloseCode.overloaded)
    await becomes('reconnecting')
    server.answer = 503
    await vi.waitFor(() => expect(server.upgrades.length).toBe(2), { interval: 2 })
    server.answer = 'accept'
    await new Promise((resolve) => setTimeout(resolve, 100))
    const from = Date.now()
    session.kick()
    await vi.waitFor(() => expect(server.upgrades.length).toBe(3), { interval: 1 })
    expect(Date.now() - from).toBeLessThan(500)
    await becomes('connected')
  })

  test('finds out that the server has fallen silent, and comes back when it speaks again [G9]', async () => {
    const { becomes, listener } = connect({ pingAfterMs: 60, pongMs: 60, handshakeMs: 100, backoffBaseMs: 5 })
    await becomes('connected')
    await vi.waitFor(() => expect(heard[0]).toContain(PING))
    expect(listener.log).not.toContain('lost')
    manners = 'mute'
    await vi.waitFor(() => expect(listener.log).toContain('lost'))
    manners = 'polite'
    await vi.waitFor(() => expect(heard.length).toBeGreaterThan(1))
    await becomes('connected')
  })

  test('does not wait for an old socket that is stuck in closing', async () => {
    const { session, becomes } = connect()
    await becomes('connected')
    server.sockets[0]?.pause()
    const from = Date.now()
    session.redial(CloseCode.silence, 'no answer')
    await becomes('connected')
    expect(Date.now() - from).toBeLessThan(500)
    expect(heard).toEqual([['hello'], ['hello']])
  })

  test('renews the token once for a 4401, dialling at once, then asks', async () => {
    const forced: boolean[] = []
    server.onSocket = (socket) => socket.on('message', () => socket.close(CloseCode.unauthorized))
    const { becomes } = connect({}, { getToken: ({ force }) => `t${forced.push(force)}` })
    await becomes('needs-auth')
    expect(forced).toEqual([false, true])
    expect(server.upgrades).toEqual(['/?token=t1', '/?token=t2'])
  })

  test('waits longer and longer for a server that accepts and closes', async () => {
    server.onSocket = (socket) => {
      heard.push([])
      socket.close(CloseCode.helloTimeout)
    }
    const times: number[] = []
    const random = { value: 0.99 }
    const transport = new WebSocketTransport({
      url: () => {
        times.push(Date.now())
        return server.url
      },
      WebSocket,
    })
    const environment = { ...defaultEnvironment(), random: () => random.value }
    const session = new Session({
      transport,
      listener: new RecordingListener(),
      environment,
      timings: { backoffBaseMs: 20, firstWindowMs: 40 },
    })
    onTestFinished(() => session.close())
    session.want()
    await vi.waitFor(() => expect(times.length).toBe(5), { timeout: 15_000 })
    const waits = times.slice(1).map((time, i) => time - (times[i] ?? 0))
    expect(waits[3]).toBeGreaterThan(300)
    expect(waits[3]).toBeGreaterThan(2 * (waits[1] ?? 0))
  })

  test('has one socket after want, unwant, want', async () => {
    const { session, becomes } = connect({ lingerMs: 30 })
    session.unwant()
    session.want()
    await becomes('connected')
    expect(server.upgrades.length).toBe(1)
    session.unwant()
    await becomes('idle')
    await vi.waitFor(() => expect(server.open).toBe(0))
    session.want()
    await becomes('connected')
    expect(server.upgrades.length).toBe(2)
  })

  test('comes back spread over the window of the server, with sixty others cut off at the same instant', async () => {
    windowMs = 1800
    const clients = Array.from({ length: 60 }, () => connect())
    await Promise.all(clients.map(({ becomes }) => becomes('connected')))
    const back: number[] = []
    server.onSocket = () => back.push(Date.now() - cut)
    const cut = Date.now()
    server.cut()
    await vi.waitFor(() => expect(back.length).toBe(60), { timeout: 4000 })
    const thirds = [0, 600, 1200].map((from) => back.filter((ms) => ms >= from && ms < from + 600).length)
    expect(Math.min(...thirds)).toBeGreaterThan(5)
  })

  test('lets a Node process end after close, in every phase [G4]', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'session-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const file = join(folder, 'entry.mjs')
    const source = (path: string) => JSON.stringify(fileURLToPath(new URL(path, import.meta.url)))
    await build({
      stdin: {
        contents: `
          import { WebSocket } from 'ws'
          import { defaultEnvironment } from ${source('../client/environment.ts')}
          import { WebSocketTransport } from ${source('../transport/websocket-transport.ts')}
          import { Session } from ${source('./session.ts')}
          const hello = { type: 'hello', v: 1, client: 'c', cids: [], at: null, subs: [] }
          const listener = { hello: () => hello, welcomed() {}, received() {}, receivedLate() {}, lost() {} }
          const [url, ...phases] = process.argv.slice(2)
          const start = Date.now()
          for (const phase of phases) {
            const getToken = phase === 'token' ? () => new Promise(() => {}) : () => 't'
            const address = phase === 'backoff' ? 'ws://127.0.0.1:1' : url
            const transport = new WebSocketTransport({ url: address, getToken, WebSocket })
            const session = new Session({ transport, listener, environment: defaultEnvironment() })
            session.want()
            const ms = { now: 0, token: 30, backoff: 150, live: 150 }[phase]
            setTimeout(() => session.close(), ms)
          }
          process.on('exit', () => console.log(Date.now() - start))
        `,
        resolveDir: fileURLToPath(new URL('.', import.meta.url)),
      },
      bundle: true,
      platform: 'node',
      format: 'esm',
      external: ['ws'],
      outfile: file,
      conditions: ['@durable-sync/source'],
    })
    const modules = fileURLToPath(new URL('../../../node_modules', import.meta.url))
    await symlink(modules, join(folder, 'node_modules'))
    const run = promisify(execFile)
    const { stdout } = await run(process.execPath, [file, server.url, 'now', 'token', 'backoff', 'live'])
    expect(Number(stdout)).toBeLessThan(2000)
  }, 20_000)
})

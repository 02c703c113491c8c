// @vitest-environment jsdom
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Line, LineSwitch } from '../line/line-switch.ts'
import { trafficCounter } from './traffic.ts'

/** What the browser's socket does when nobody is in between. */
class NetworkSocket extends EventTarget {
  static readonly OPEN = 1
  static dialled: NetworkSocket[] = []
  readonly sent: string[] = []
  readyState = 0
  readonly url: string
  constructor(url: string) {
    super()
    this.url = url
    NetworkSocket.dialled.push(this)
  }
  send(data: string) {
    this.sent.push(data)
  }
  close() {
    this.readyState = 3
    this.dispatchEvent(new CloseEvent('close', { code: 1005 }))
  }
  opens() {
    this.readyState = 1
    this.dispatchEvent(new Event('open'))
  }
  says(data: string) {
    this.dispatchEvent(new MessageEvent('message', { data }))
  }
}

function testLine(): LineSwitch & { change: (next: Partial<Line>) => void } {
  let line: Line = { is: 'on', cuts: 0, delayMs: 0 }
  const listeners = new Set<() => void>()
  const change = (next: Partial<Line>) => {
    line = { ...line, ...next }
    for (const listener of [...listeners]) listener()
  }
  return {
    get: () => line,
    subscribe: (listener) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    change,
    turn: (is) => change({ is }),
    cut: () => change({ cuts: line.cuts + 1 }),
    delay: (delayMs) => change({ delayMs }),
  }
}

let line: ReturnType<typeof testLine>
let traffic: ReturnType<typeof trafficCounter>
let dial: () => WebSocket
beforeEach(async () => {
  vi.useFakeTimers()
  vi.stubGlobal('WebSocket', NetworkSocket)
  NetworkSocket.dialled = []
  line = testLine()
  traffic = trafficCounter(() => {})
  const { labSocket } = await import('./lab-socket.ts')
  const LabSocket = labSocket(line, traffic)
  dial = () => new LabSocket('ws://localhost/sync/lobby')
})
afterEach(() => {
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

/** A socket that is open, the network's end of it, and what its owner hears. */
function opened() {
  const socket = dial()
  const heard: string[] = []
  socket.addEventListener('open', () => heard.push('open'))
  socket.addEventListener('message', ({ data }) => heard.push(data))
  socket.addEventListener('close', ({ code }) => heard.push(`closed ${code}`))
  const network = NetworkSocket.dialled[0] as NetworkSocket
  network.opens()
  vi.runAllTimers()
  return { socket, network, heard }
}

test('everything passes a line that is whole, once, and is counted', () => {
  const { socket, network, heard } = opened()
  socket.send('{"type":"hello"}')
  network.says('{"type":"welcome"}')
  expect(network.sent).toEqual(['{"type":"hello"}'])
  expect(heard).toEqual(['open', '{"type":"welcome"}'])
  expect(traffic.get()).toMatchObject({ framesIn: 1, framesOut: 1, bytesIn: 18, bytesOut: 16 })
})

test('a ping is no frame of the object', () => {
  const { socket } = opened()
  socket.send('ping')
  expect(traffic.get().lastFrameAt).toBe(0)
  socket.send('{}')
  expect(traffic.get().lastFrameAt).toBe(Date.now())
})

test('a slow line delays both ways and keeps the order, and the end comes last', () => {
  const { socket, network, heard } = opened()
  line.delay(200)
  socket.send('a')
  network.says('1')
  network.says('2')
  network.close()
  expect(network.sent).toEqual([])
  expect(heard).toEqual(['open'])
  vi.advanceTimersByTime(200)
  vi.runAllTimers()
  expect(heard).toEqual(['open', '1', '2', 'closed 1005'])
})

test('a cut ends the socket at once and without a word, and what was under way is lost', () => {
  const { socket, network, heard } = opened()
  line.delay(200)
  socket.send('under way')
  network.says('under way')
  line.cut()
  vi.runAllTimers()
  expect(heard).toEqual(['open', 'closed 1006'])
  expect(network.sent).toEqual([])
  expect(network.readyState).toBe(3)
})

test('a line that is switched off ends the socket, and none can be dialled until it is on', () => {
  const { heard } = opened()
  line.turn('off')
  expect(heard).toEqual(['open', 'closed 1006'])
  expect(dial).toThrow('switched off')
  line.turn('on')
  expect(dial).not.toThrow()
})

test('a cut does not concern the sockets after it', () => {
  line.cut()
  const { heard } = opened()
  line.delay(200)
  expect(heard).toEqual(['open'])
})

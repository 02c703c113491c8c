import {
  type ClientFrame,
  decodeClientFrame,
  decodeServerFrame,
  encodeClientFrame,
  type ServerFrame,
} from '@durable-sync/core/wire'
import { WebSocket } from 'ws'
import type { PageGate } from './page-gate.ts'

const tryDecode = <T>(decode: (text: string) => T, text: string): T | undefined => {
  try {
    return decode(text)
  } catch {
    return undefined
  }
}

class CloseEvent extends Event {
  readonly code: number
  readonly reason: string

  constructor(code: number, reason: string) {
    super('close')
    this.code = code
    this.reason = reason
  }
}

/** A write for a frame, so that a fault can fall between any two. */
const oneByOne = (frame: ClientFrame): ClientFrame[] =>
  frame.type === 'push' ? frame.items.map((item) => ({ ...frame, items: [item] })) : [frame]

export type Direction = 'held' | 'free'

/**
 * The WebSocket of a page over a real one. Frames wait on either side until they are let through. A proxy could not do this: where it cuts,
 * both ends are cut, but what a page has sent on a connection that it has lost may still arrive, much later, also after a restore.
 */
export class PageSocket extends EventTarget {
  binaryType = 'arraybuffer'
  bufferedAmount = 0
  readyState = 0
  readonly #url: string
  readonly #gate: PageGate
  readonly #direction: () => Direction
  #real: WebSocket
  /** The page has it; or it has let go of it, or lost it. */
  #holder: 'page' | 'nobody' = 'page'
  #up: ClientFrame[] = []
  /** What has reached the server. */
  readonly arrived: ClientFrame[] = []
  /** What the server has answered, whether anybody has heard it or not. */
  readonly answers: ServerFrame[] = []
  #end: 'open' | 'closed' = 'open'

  constructor(url: string, gate: PageGate, direction: () => Direction) {
    super()
    this.#url = url
    this.#gate = gate
    this.#direction = direction
    this.#real = this.#dial(() => {
      this.readyState = 1
      this.dispatchEvent(new Event('open'))
    })
  }

  #dial(opened: () => void): WebSocket {
    const real = new WebSocket(this.#url)
    real.on('open', () => this.#gate.pass('socket', opened, this))
    real.on('message', (data) => this.#heard(data.toString()))
    real.on('error', () => real.terminate())
    real.on('close', (code, reason) => {
      if (real !== this.#real) return
      this.#end = 'closed'
      if (this.#holder === 'page') this.#gate.pass('close', () => this.#closed(code, reason.toString()), this)
    })
    return real
  }

  #heard(text: string): void {
    const frame = tryDecode(decodeServerFrame, text)
    if (frame) this.answers.push(frame)
    if (this.#holder === 'nobody') return
    const told = () => void this.dispatchEvent(new MessageEvent('message', { data: text }))
    this.#gate.pass(frame ? 'frame' : 'socket', told, frame ?? this)
  }

  #closed(code: number, reason: string): void {
    this.#holder = 'nobody'
    this.readyState = 3
    this.dispatchEvent(new CloseEvent(code, reason))
  }

  send(text: string): void {
    const frame = tryDecode(decodeClientFrame, text)
    if (!frame) this.#real.send(text)
    else {
      this.#up.push(...oneByOne(frame))
      if (this.#direction() === 'free') this.serveAll()
    }
  }

  /** What the page has sent and the server has not got yet. */
  get sent(): readonly ClientFrame[] {
    return this.#up
  }

  /** Whether the page still has it. */
  get isHeld(): boolean {
    return this.#holder === 'page'
  }

  /** Whether the server has closed it. */
  get isClosed(): boolean {
    return this.#end === 'closed'
  }

  /** Hands the server what the page has sent, up to the first frame that `which` picks. False when there is none. */
  serve(which: (frame: ClientFrame) => boolean): boolean {
    const at = this.#up.findIndex(which)
    if (at < 0) return false
    for (const frame of this.#up.splice(0, at + 1)) this.#arrive(frame)
    return true
  }

  serveAll(): void {
    for (const frame of this.#up.splice(0)) this.#arrive(frame)
  }

  #arrive(frame: ClientFrame): void {
    this.arrived.push(frame)
    if (this.#real.readyState === WebSocket.OPEN) this.#real.send(encodeClientFrame(frame))
  }

  /** The connection is lost for the page. What it has sent may still arrive. */
  drop(): void {
    if (this.#holder === 'nobody') return
    this.letGo()
    this.#gate.run(() => this.#closed(1006, ''))
  }

  /** As by a page that has gone. */
  letGo(): void {
    this.#holder = 'nobody'
    this.#gate.lose(({ about, kind }) => about === this || kind === 'frame' || kind === 'close')
  }

  close(code?: number, reason?: string): void {
    this.letGo()
    this.readyState = 3
    if (this.#up.length === 0) this.#real.close(code, reason)
  }

  /** The server went on in another instance, on which a connection that only the client has lost still stands. */
  async outlive(): Promise<void> {
    // One on which nothing was said yet is as good as any.
    const isFresh = this.#holder === 'page' && this.arrived.length === 0
    if (!isFresh && (this.#holder === 'page' || this.#up.length === 0)) return
    this.#gate.lose(({ about, kind }) => about === this && kind === 'close')
    this.#end = 'open'
    const before = this.arrived.splice(0)
    await new Promise<void>((resolve) => {
      this.#real = new WebSocket(this.#url)
      this.#real.on('open', resolve)
      this.#real.on('error', () => resolve())
      this.#real.on('message', (data) => this.#heard(data.toString()))
      this.#real.on('close', () => {
        this.#end = 'closed'
      })
    })
    // What it had said has been said: who it is, which client ids are its own.
    for (const frame of before) if (frame.type !== 'push') this.#arrive(frame)
  }

  terminateNow(): void {
    this.#holder = 'nobody'
    this.#real.terminate()
  }
}

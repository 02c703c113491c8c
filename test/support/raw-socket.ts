import {
  type ClientFrame,
  decodeServerFrame,
  encodeClientFrame,
  PONG,
  type ServerFrame,
} from '@durable-sync/core/wire'
import { WebSocket } from 'ws'
import { deadline, pause } from './deadline.ts'

export type FrameOf<T extends ServerFrame['type']> = Extract<ServerFrame, { readonly type: T }>

/** How a socket ended. */
export interface Closed {
  readonly code: number
  readonly reason: string
}

export interface RawOptions {
  readonly headers?: Readonly<Record<string, string>>
  readonly protocols?: readonly string[]
  /** Offer permessage-deflate, as browsers do. Default false. */
  readonly deflate?: boolean
  /** How long `next` and its like wait, in milliseconds. Default 5,000. */
  readonly patienceMs?: number
}

/** An upgrade that was answered with anything but a socket. */
export class UpgradeRefused extends Error {
  override readonly name = 'UpgradeRefused'
  readonly status: number
  readonly body: string

  constructor(status: number, body: string) {
    super(`the upgrade was answered with ${status}: ${body}`)
    this.status = status
    this.body = body
  }
}

export const brief = (frame: ServerFrame): string => {
  const text = JSON.stringify(frame)
  return text.length > 300 ? `${text.slice(0, 300)}…` : text
}

/**
 * One socket with a queue. Every frame that arrives is checked against the wire's shapes; frames wait in order until a test takes
 * them, and a test that expects another frame than the next one fails with what it got.
 */
export class RawSocket {
  readonly #socket: WebSocket
  readonly #patienceMs: number
  readonly #inbox: ServerFrame[] = []
  readonly #log: ServerFrame[] = []
  #wake: () => void = () => undefined
  #fault: Error | undefined
  #ended: Closed | undefined
  #pongs = 0
  readonly closed: Promise<Closed>

  constructor(socket: WebSocket, patienceMs: number) {
    this.#socket = socket
    this.#patienceMs = patienceMs
    this.closed = new Promise((resolve) => {
      socket.on('close', (code, reason) => {
        this.#ended = { code, reason: reason.toString() }
        resolve(this.#ended)
        this.#wake()
      })
    })
    socket.on('error', (error) => {
      this.#fault ??= error
    })
    socket.on('message', (data) => this.#arrived(data.toString()))
  }

  #arrived(text: string): void {
    if (text === PONG) this.#pongs++
    else {
      try {
        const frame = decodeServerFrame(text)
        this.#log.push(frame)
        this.#inbox.push(frame)
      } catch (cause) {
        this.#fault ??= new Error(`not a server frame: ${text.slice(0, 300)}`, { cause })
      }
    }
    this.#wake()
  }

  /** Every frame that has arrived, taken or not. */
  get received(): readonly ServerFrame[] {
    return this.#log
  }

  /** Pongs that have arrived. They are no frames and not in the queue. */
  get pongs(): number {
    return this.#pongs
  }

  send(frame: ClientFrame): void {
    this.#socket.send(encodeClientFrame(frame))
  }

  /** Sends `text` as it is, frame or not. */
  sendText(text: string): void {
    this.#socket.send(text)
  }

  sendBytes(bytes: Uint8Array): void {
    this.#socket.send(bytes)
  }

  /** Stops reading from the network, as a slow consumer does. */
  stall(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  /** Closes in good order and waits for the answer. */
  close(code = 1000, reason = ''): Promise<Closed> {
    this.#socket.close(code, reason)
    return deadline(this.closed, this.#patienceMs, 'the close to be answered')
  }

  /** Drops the connection without a word. */
  drop(): void {
    this.#socket.terminate()
  }

  /** Waits for the server to end the socket. */
  ended(): Promise<Closed> {
    return deadline(this.closed, this.#patienceMs, 'the server to close', () => this.#waiting())
  }

  #waiting(): string {
    return this.#inbox.length === 0
      ? 'nothing is queued'
      : `queued: ${this.#inbox.map((frame) => frame.type).join(', ')}`
  }

  /** The next frame, whatever it is. */
  async take(what = 'a frame'): Promise<ServerFrame> {
    const end = performance.now() + this.#patienceMs
    for (;;) {
      const frame = this.#inbox.shift()
      if (frame) return frame
      if (this.#fault) throw this.#fault
      if (this.#ended)
        throw new Error(`closed with ${this.#ended.code} "${this.#ended.reason}" while waiting for ${what}`)
      const arrival = new Promise<void>((resolve) => {
        this.#wake = resolve
      })
      await deadline(arrival, Math.max(0, end - performance.now()), what)
    }
  }

  /** The next frame, which must be a `type`. */
  async next<T extends ServerFrame['type']>(type: T): Promise<FrameOf<T>> {
    const frame = await this.take(type)
    if (frame.type !== type) throw new Error(`expected ${type}, the next frame is ${brief(frame)}`)
    return frame as FrameOf<T>
  }

  /** The next `type`, and what was passed over on the way. */
  async until<T extends ServerFrame['type']>(type: T): Promise<{ frame: FrameOf<T>; before: ServerFrame[] }> {
    const before: ServerFrame[] = []
    for (;;) {
      const frame = await this.take(`${type} (after ${before.length} others)`)
      if (frame.type === type) return { frame: frame as FrameOf<T>, before }
      before.push(frame)
    }
  }

  /** Fails when anything is queued or arrives within `ms`. */
  async expectNothing(ms = 100): Promise<void> {
    if (this.#inbox.length === 0) await pause(ms)
    const [first] = this.#inbox
    if (first) throw new Error(`expected nothing, got ${brief(first)}`)
    if (this.#fault) throw this.#fault
  }
}

/**
 * A WebSocket to `url`, opened, with whatever has arrived since.
 * @throws UpgradeRefused when the server answers with a status.
 */
export async function openRaw<T>(
  url: string,
  options: RawOptions,
  wrap: (socket: WebSocket, patienceMs: number) => T,
): Promise<T> {
  const patienceMs = options.patienceMs ?? 5000
  const socket = new WebSocket(url, [...(options.protocols ?? [])], {
    headers: { ...options.headers },
    perMessageDeflate: options.deflate ?? false,
  })
  const opened = new Promise<void>((resolve, reject) => {
    socket.once('open', () => resolve())
    socket.once('error', reject)
    socket.once('unexpected-response', (_request, response) => {
      let body = ''
      response.on('data', (bytes: Buffer) => {
        body += bytes.toString()
      })
      response.on('end', () => reject(new UpgradeRefused(response.statusCode ?? 0, body)))
    })
  })
  // Before the wait: a frame may arrive in the same packet as the answer to the upgrade.
  const wrapped = wrap(socket, patienceMs)
  try {
    await deadline(opened, patienceMs, `a socket at ${url}`)
  } catch (error) {
    socket.terminate()
    throw error
  }
  return wrapped
}

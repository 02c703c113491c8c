import {
  type ClientFrame,
  decodeClientFrame,
  encodeServerFrame,
  PING,
  type ServerFrame,
} from '../../wire/index.ts'
import type { OpenRequest, SocketEnd, Transport, TransportListener } from '../transport.ts'

/** A pipe whose other end is a test. */
export class FakeTransport implements Transport {
  readonly opened: OpenRequest[] = []
  readonly sent: { readonly socket: number; readonly text: string }[] = []
  readonly closed: { readonly socket: number; readonly code: number; readonly reason: string }[] = []
  /** What the next probe finds out. */
  probeStatus: number | undefined
  probes = 0
  listener: TransportListener | undefined
  #open: number | undefined

  attach(listener: TransportListener): void {
    this.listener = listener
  }

  detach(listener: TransportListener): void {
    if (this.listener === listener) this.listener = undefined
  }

  open(request: OpenRequest): void {
    this.opened.push(request)
  }

  send(socket: number, text: string): boolean {
    if (this.#open !== socket) return false
    this.sent.push({ socket, text })
    return true
  }

  close(socket: number, code: number, reason: string): void {
    if (this.#open === socket) this.#open = undefined
    this.closed.push({ socket, code, reason })
  }

  async probe(): Promise<number | undefined> {
    this.probes++
    return this.probeStatus
  }

  /** The number of the newest socket. */
  get socket(): number {
    return this.opened.at(-1)?.socket ?? 0
  }

  get frames(): readonly ClientFrame[] {
    return this.sent.filter(({ text }) => text !== PING).map(({ text }) => decodeClientFrame(text))
  }

  get pings(): number {
    return this.sent.filter(({ text }) => text === PING).length
  }

  /** The upgrade succeeds. */
  accept(): void {
    this.#open = this.socket
    this.listener?.onOpen(this.socket)
  }

  /** The socket takes nothing more, but has not closed. */
  stall(): void {
    this.#open = undefined
  }

  say(frame: ServerFrame | string, socket = this.socket): void {
    this.listener?.onMessage(socket, typeof frame === 'string' ? frame : encodeServerFrame(frame))
  }

  end(end: SocketEnd, socket = this.socket): void {
    if (this.#open === socket) this.#open = undefined
    this.listener?.onClose(socket, end)
  }
}

import {
  ConnectionError,
  type OpenRequest,
  type Readable,
  type SocketEnd,
  type Transport,
  type TransportListener,
} from '@durable-sync/core'
import type { Line } from './line-switch.ts'

const CUT_CODE = 4000

/**
 * A transport that can be switched off and cut while the browser is online. The client sees what it sees of a real outage: its socket ends,
 * and another one cannot be had. An application has no use for it.
 */
export class SwitchedTransport implements Transport {
  readonly #inner: Transport
  readonly #line: Readable<Line>
  /** A listener that attaches again must be the same one to the transport behind. */
  readonly #taps = new WeakMap<TransportListener, TransportListener>()
  #listener: TransportListener | undefined
  /** The socket that the client has, or waits for, whether there is one behind it or not. */
  #socket: number | undefined
  #seen: Line

  constructor(inner: Transport, line: Readable<Line>) {
    this.#inner = inner
    this.#line = line
    this.#seen = line.get()
    line.subscribe(() => this.#changed())
  }

  get address(): string | undefined {
    return this.#inner.address
  }

  attach(...[listener, environment]: Parameters<Transport['attach']>): void {
    const tap = this.#taps.get(listener) ?? this.#tapping(listener)
    this.#taps.set(listener, tap)
    this.#inner.attach(tap, environment)
    this.#listener = listener
  }

  detach(listener: TransportListener): void {
    this.#inner.detach(this.#taps.get(listener) ?? listener)
    if (this.#listener !== listener) return
    this.#listener = undefined
    this.#socket = undefined
  }

  open(request: OpenRequest): void {
    const { socket } = request
    this.#socket = socket
    if (this.#line.get().is === 'on') this.#inner.open(request)
    else queueMicrotask(() => this.#end(socket))
  }

  send(socket: number, text: string): boolean {
    return socket === this.#socket && this.#inner.send(socket, text)
  }

  close(socket: number, code: number, reason: string): void {
    if (socket === this.#socket) this.#socket = undefined
    this.#inner.close(socket, code, reason)
  }

  async probe(): Promise<number | undefined> {
    return this.#line.get().is === 'on' ? this.#inner.probe?.() : undefined
  }

  #changed(): void {
    const { is, cuts } = this.#seen
    this.#seen = this.#line.get()
    const ended = (is === 'on' && this.#seen.is === 'off') || cuts !== this.#seen.cuts
    const socket = this.#socket
    if (!ended || socket === undefined) return
    this.#inner.close(socket, CUT_CODE, 'cut')
    this.#end(socket)
  }

  #end(socket: number): void {
    if (socket !== this.#socket) return
    this.#socket = undefined
    this.#listener?.onClose(socket, endOf(this.#line.get()))
  }

  /** What the transport behind says of a socket that has ended here is of no concern any more. */
  #tapping(listener: TransportListener): TransportListener {
    return {
      onOpen: (socket) => {
        if (socket === this.#socket) listener.onOpen(socket)
      },
      onMessage: (socket, text) => {
        if (socket === this.#socket) listener.onMessage(socket, text)
      },
      onClose: (socket, end) => {
        if (socket !== this.#socket) return
        this.#socket = undefined
        listener.onClose(socket, end)
      },
    }
  }
}

const endOf = ({ is }: Line): SocketEnd =>
  is === 'on'
    ? { is: 'closed', code: 1006, reason: '' }
    : {
        is: 'unreachable',
        cause: new ConnectionError('switched-off', 'The offline switch of this page is on'),
      }

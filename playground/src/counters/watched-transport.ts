import type { OpenRequest, Transport, TransportListener } from '@durable-sync/core'

/** What came over a transport so far. */
export interface Received {
  readonly bytes: number
  /** Where in the object's history the last changes ended; undefined before the first. */
  readonly position: string | undefined
}

const utf8 = new TextEncoder()

/** The position that a frame moves the client to. Only `changes` does, and only its last frame of several. */
export function positionIn(text: string): string | undefined {
  if (!text.startsWith('{')) return undefined
  const frame: { type?: unknown; to?: unknown; more?: unknown } = JSON.parse(text)
  return frame.type === 'changes' && !frame.more && typeof frame.to === 'string' ? frame.to : undefined
}

/** Passes everything on, and counts what is received. An application has no use for it: it feeds the counters of this playground. */
export class WatchedTransport implements Transport {
  received: Received = { bytes: 0, position: undefined }
  readonly #inner: Transport
  /** A listener that attaches again must be the same one to the transport behind. */
  readonly #watchers = new WeakMap<TransportListener, TransportListener>()

  constructor(inner: Transport) {
    this.#inner = inner
  }

  get address(): string | undefined {
    return this.#inner.address
  }

  attach(...[listener, environment]: Parameters<Transport['attach']>): void {
    const watcher = this.#watchers.get(listener) ?? this.#watching(listener)
    this.#watchers.set(listener, watcher)
    this.#inner.attach(watcher, environment)
  }

  detach(listener: TransportListener): void {
    this.#inner.detach(this.#watchers.get(listener) ?? listener)
  }

  open(request: OpenRequest): void {
    this.#inner.open(request)
  }

  send(socket: number, text: string): boolean {
    return this.#inner.send(socket, text)
  }

  close(socket: number, code: number, reason: string): void {
    this.#inner.close(socket, code, reason)
  }

  async probe(): Promise<number | undefined> {
    return this.#inner.probe?.()
  }

  #watching(listener: TransportListener): TransportListener {
    return {
      onOpen: (socket) => listener.onOpen(socket),
      onMessage: (socket, text) => {
        this.#count(text)
        listener.onMessage(socket, text)
      },
      onClose: (socket, end) => listener.onClose(socket, end),
    }
  }

  #count(text: string): void {
    this.received = {
      bytes: this.received.bytes + utf8.encode(text).length,
      position: positionIn(text) ?? this.received.position,
    }
  }
}

import { once } from 'node:events'
import {
  ACK_EVERY_BYTES,
  type ClientFrame,
  PROTOCOL_VERSION,
  type ServerFrame,
} from '@durable-sync/core/wire'
import { WebSocket } from 'ws'

/** A client that asks for the whole table as any does, and counts its rows instead of keeping them. */
export class CountingReader {
  readonly #socket: WebSocket
  #rows = 0
  #changed = 0
  #received = 0
  #acknowledged = 0
  /** After every frame. */
  #heard = () => {}
  #welcome = () => {}
  #joined: (rows: number) => void = () => {}

  private constructor(socket: WebSocket) {
    this.#socket = socket
    socket.on('message', (data: Buffer) => {
      this.#acknowledge(data.length)
      this.#hear(JSON.parse(data.toString()) as ServerFrame)
      this.#heard()
    })
  }

  /** Resolves when it is welcome. */
  static async open(port: number, room: string, user: string): Promise<CountingReader> {
    const url = `ws://127.0.0.1:${port}/sync/${room}?user=${user}`
    const socket = new WebSocket(url, { perMessageDeflate: false })
    await once(socket, 'open')
    const reader = new CountingReader(socket)
    const welcome = new Promise<void>((resolve) => {
      reader.#welcome = resolve
    })
    reader.#send({ type: 'hello', v: PROTOCOL_VERSION, client: user, cids: [], at: null, subs: [] })
    await welcome
    return reader
  }

  /** Asks for the table. Resolves with the number of its rows when all of them have come. */
  join(): Promise<number> {
    return new Promise((resolve) => {
      this.#joined = resolve
      this.#send({ type: 'join', sub: 1, join: 1, collection: 'messages' })
    })
  }

  /** Resolves when so many rows have changed since the join. */
  changed(count: number): Promise<void> {
    return new Promise((resolve) => {
      this.#heard = () => {
        if (this.#changed >= count) resolve()
      }
      this.#heard()
    })
  }

  close(): void {
    this.#socket.close()
  }

  #hear(frame: ServerFrame): void {
    switch (frame.type) {
      case 'chunk':
        this.#rows += frame.up.length
        break
      case 'next': {
        const { p0, read, shape, after } = frame
        this.#send({ type: 'join', sub: 1, join: 1, collection: 'messages', p0, read, shape, after })
        break
      }
      case 'joined':
        this.#joined(this.#rows)
        break
      case 'changes':
        if (frame.live) this.#welcome()
        for (const { up } of Object.values(frame.tables)) this.#changed += up.length
        break
      default:
    }
  }

  /** As a client does, so that the object can tell who is slow. */
  #acknowledge(bytes: number): void {
    this.#received += bytes
    if (this.#received - this.#acknowledged < ACK_EVERY_BYTES) return
    this.#acknowledged = this.#received
    this.#send({ type: 'ack', bytes: this.#received })
  }

  #send(frame: ClientFrame): void {
    this.#socket.send(JSON.stringify(frame))
  }
}

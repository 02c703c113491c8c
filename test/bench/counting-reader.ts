import { once } from 'node:events'
import {
  ACK_ANSWER_BYTES,
  ACK_EVERY_BYTES,
  type ClientFrame,
  type Position,
  PROTOCOL_VERSION,
  type ServerFrame,
} from '@durable-sync/core/wire'
import { WebSocket } from 'ws'

/** Where a client was that has left. */
export interface LeftAt {
  readonly at: Position
  readonly shape: string
}

/** A client that asks for the whole table as any does, and counts its rows instead of keeping them. */
export class CountingReader {
  readonly #socket: WebSocket
  #rows = 0
  #changed = 0
  #end: LeftAt | undefined
  #received = 0
  #acknowledged = 0
  /** After every frame. */
  #heard = () => {}
  #welcome = () => {}
  #joined: (rows: number) => void = () => {}

  private constructor(socket: WebSocket) {
    this.#socket = socket
    socket.on('message', (data: Buffer) => {
      const frame = JSON.parse(data.toString()) as ServerFrame
      this.#hear(frame)
      this.#acknowledge(data.length, frame)
      this.#heard()
    })
  }

  /** Resolves when its socket is open. It has not said anything. */
  static async dial(port: number, room: string, user: string): Promise<CountingReader> {
    const url = `ws://127.0.0.1:${port}/sync/${room}?user=${user}`
    const socket = new WebSocket(url, { perMessageDeflate: false })
    await once(socket, 'open')
    return new CountingReader(socket)
  }

  /** Resolves when it is welcome. */
  static async open(port: number, room: string, user: string): Promise<CountingReader> {
    const reader = await CountingReader.dial(port, room, user)
    await reader.hello(user)
    return reader
  }

  /** Says hello. Resolves when it is live, with the number of rows that have changed since it left. */
  hello(client: string, left?: LeftAt): Promise<number> {
    return new Promise((resolve) => {
      this.#welcome = () => resolve(this.#changed)
      const subs = left ? [{ id: 1, collection: 'messages', joined: true, shape: left.shape }] : []
      this.#send({ type: 'hello', v: PROTOCOL_VERSION, client, cids: [], at: left?.at ?? null, subs })
    })
  }

  /** Where its join has ended. */
  get leftAt(): LeftAt {
    if (!this.#end) throw new Error('it has not joined')
    return this.#end
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
        this.#end = { at: frame.at, shape: frame.shape }
        this.#joined(this.#rows)
        break
      case 'changes':
        for (const { up } of Object.values(frame.tables)) this.#changed += up.length
        if (frame.live) this.#welcome()
        break
      default:
    }
  }

  /** As a client does, so that the object can tell who is slow, and how much is on its way. */
  #acknowledge(bytes: number, frame: ServerFrame): void {
    this.#received += bytes
    const isEnd = frame.type === 'joined' || (frame.type === 'changes' && frame.live === true)
    if (this.#received - this.#acknowledged < (isEnd ? ACK_ANSWER_BYTES : ACK_EVERY_BYTES)) return
    this.#acknowledged = this.#received
    this.#send({ type: 'ack', bytes: this.#received })
  }

  #send(frame: ClientFrame): void {
    this.#socket.send(JSON.stringify(frame))
  }
}

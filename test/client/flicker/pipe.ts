import {
  type ClientFrame,
  decodeClientFrame,
  encodeServerFrame,
  PING,
  PONG,
  type ServerFrame,
} from '@durable-sync/core/wire'
import { ConnectionError } from '../../../core/src/errors.ts'
import type { OpenRequest, Transport, TransportListener } from '../../../core/src/transport/transport.ts'
import type { MemoryObject } from './memory-object.ts'

/** The network between one client and the object. Nothing moves before it is told to. */
export class Pipe implements Transport {
  network: 'up' | 'down' = 'up'
  /** `held`: writes of the client stay on the way, everything else goes on. */
  pushes: 'pass' | 'held' = 'pass'
  readonly #object: MemoryObject
  #listener: TransportListener | undefined
  #socket = 0
  #talk: { hear(frame: ClientFrame): void; end(): void } | undefined
  #up: ClientFrame[] = []
  #down: (() => void)[] = []

  constructor(object: MemoryObject) {
    this.#object = object
  }

  attach(listener: TransportListener): void {
    this.#listener = listener
  }

  detach(): void {
    this.#end()
    this.#listener = undefined
  }

  open({ socket }: OpenRequest): void {
    this.#end()
    this.#socket = socket
    if (this.network === 'down') {
      const cause = new ConnectionError('unreachable', 'no network')
      this.#down.push(() => this.#listener?.onClose(socket, { is: 'unreachable', cause }))
      return
    }
    this.#down.push(() => {
      const talk = this.#object.connect({
        say: (frame) => this.#say(socket, frame),
        hangUp: (code) => this.#down.push(() => this.#lose(socket, code)),
      })
      this.#talk = talk
      this.#listener?.onOpen(socket)
    })
  }

  send(socket: number, text: string): boolean {
    if (socket !== this.#socket || !this.#talk) return false
    if (text === PING) this.#down.push(() => this.#listener?.onMessage(socket, PONG))
    else this.#up.push(decodeClientFrame(text))
    return true
  }

  close(socket: number): void {
    if (socket === this.#socket) this.#end()
  }

  /** Something is on its way. */
  get isBusy(): boolean {
    return this.#down.length > 0 || this.#nextUp >= 0
  }

  /** The next frame of the client arrives. Returns whether there was one. */
  moveUp(): boolean {
    const [frame] = this.#nextUp < 0 ? [] : this.#up.splice(this.#nextUp, 1)
    if (frame) this.#talk?.hear(frame)
    return frame !== undefined
  }

  /** The next frame of the object arrives. Returns whether there was one. */
  moveDown(): boolean {
    const next = this.#down.shift()
    next?.()
    return next !== undefined
  }

  /** The connection breaks, and what was on its way is lost. */
  cut(): void {
    const socket = this.#socket
    if (!this.#talk) return
    this.#end()
    this.#down.push(() => this.#listener?.onClose(socket, { is: 'closed', code: 1006, reason: '' }))
  }

  /** The object hears what the client has said, and its answers are lost with the connection. */
  swallow(): void {
    while (this.moveUp());
    this.cut()
  }

  get #nextUp(): number {
    return this.#up.findIndex(({ type }) => this.pushes === 'pass' || type !== 'push')
  }

  #say(socket: number, frame: ServerFrame): void {
    const text = encodeServerFrame(frame)
    this.#down.push(() => this.#listener?.onMessage(socket, text))
  }

  #lose(socket: number, code: number): void {
    this.#end()
    this.#listener?.onClose(socket, { is: 'closed', code, reason: '' })
  }

  #end(): void {
    this.#talk?.end()
    this.#talk = undefined
    this.#socket = 0
    this.#up = []
    this.#down = []
  }
}

import { CloseCode, type HelloFrame } from '@durable-sync/core/wire'
import type { Handshake } from './handshake.ts'
import type { SocketSet } from './socket-set.ts'
import type { SyncEventSink } from './sync-event.ts'
import type { SyncSocket } from './sync-socket.ts'
import { UNDERWAY_BYTES, type Underway } from './underway.ts'

const RETRY_MS = 20
/** For so long others come first. Then it is answered also where there is no room, one in each `RETRY_MS`: they may never make any. */
const PATIENCE_MS = 2000

export interface GreetingsHost {
  readonly handshake: Handshake
  readonly underway: Underway
  readonly event: SyncEventSink
  readonly now: () => number
  readonly sockets: () => Pick<SocketSet, 'of'>
  /** Runs `task` in a turn after this many milliseconds. */
  later(ms: number, task: () => void): void
}

interface Waiting {
  readonly hello: HelloFrame
  readonly since: number
}

/**
 * After a restart everybody comes back at once, and each answer may bring what its client has missed, up to 4 MB: those who were away for an hour
 * would end an object of 128 MB, come back, and end the next. So a hello that goes on from somewhere waits while much is on its way. Only
 * memory, as the timer that keeps the object awake.
 */
export class Greetings {
  readonly #host: GreetingsHost
  /** In the order in which they came. */
  readonly #waiting = new Map<SyncSocket, Waiting>()
  #timer: 'none' | 'set' = 'none'

  constructor(host: GreetingsHost) {
    this.#host = host
  }

  add(socket: SyncSocket, hello: HelloFrame): void {
    if (this.#waiting.delete(socket)) {
      socket.close(CloseCode.protocol, 'hello is said once')
      return
    }
    this.#supersede(socket, hello.client)
    // Whoever has nothing to go on from is told no rows yet.
    if (hello.at === null || (this.#waiting.size === 0 && this.#hasRoom)) {
      this.#greet(socket, hello)
      return
    }
    this.#waiting.set(socket, { hello, since: this.#host.now() })
    this.#wait()
  }

  /** An older socket of the client that waits here would be answered later, and close the newer one. */
  #supersede(socket: SyncSocket, client: string): void {
    if (this.#waiting.size === 0) return
    for (const other of this.#host.sockets().of(socket.principal)) {
      if (this.#waiting.get(other)?.hello.client !== client) continue
      this.#waiting.delete(other)
      other.supersede()
    }
  }

  /** Another installation takes over: whoever waits here says hello again. */
  abandon(): void {
    for (const socket of this.#waiting.keys()) socket.restart('the tables are being set up again')
    this.#waiting.clear()
  }

  get #hasRoom(): boolean {
    return this.#host.underway.measure().moving < UNDERWAY_BYTES / 2
  }

  #wait(): void {
    if (this.#timer === 'set' || this.#waiting.size === 0) return
    this.#timer = 'set'
    this.#host.later(RETRY_MS, () => {
      this.#timer = 'none'
      for (const [socket, { hello, since }] of this.#waiting) {
        const isFull = !this.#hasRoom
        if (isFull && this.#host.now() - since < PATIENCE_MS) break
        this.#waiting.delete(socket)
        if (!socket.isOpen) continue
        this.#greet(socket, hello)
        if (isFull) break
      }
      this.#wait()
    })
  }

  #greet(socket: SyncSocket, hello: HelloFrame): void {
    const { handshake, underway, event } = this.#host
    try {
      handshake.greet(socket, hello)
      underway.sent(socket, 'all')
    } catch (error) {
      event({ type: 'error', where: 'hello', error })
      socket.restart('hello could not be answered')
    }
  }
}

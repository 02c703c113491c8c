import { ACK_ANSWER_BYTES, JOIN_ANSWER_BYTES } from '@durable-sync/core/wire'
import type { SyncSocket } from './sync-socket.ts'

/**
 * About so much is on its way to all who asked. An object has 128 MB, and a text that is on its way takes three times its length of it: as a
 * string, as bytes, and between object and socket.
 */
export const UNDERWAY_BYTES = 16 * 1024 * 1024
/** Who has acknowledged nothing for so long is slow, or gone. */
const SLOW_MS = 5000

/** Whether its last answer was the whole, which its client acknowledges, or asks to be gone on with. */
export type Answered = 'all' | 'a part'

interface Sent {
  readonly answered: Answered
  /** What the socket had been sent when the answer ended: what came unasked since is none of it. */
  readonly end: number
  /** What it had acknowledged when it was last looked at, and since when. */
  readonly acked: number
  readonly since: number
}

/** What is on its way to the sockets that asked for rows, and was not acknowledged. Only memory, as the bytes are. */
export class Underway {
  readonly #sent = new Map<SyncSocket, Sent>()
  readonly #now: () => number

  constructor(now: () => number) {
    this.#now = now
  }

  /** The socket was sent an answer. */
  sent(socket: SyncSocket, answered: Answered): void {
    const { sentBytes: end, ackedBytes: acked } = socket
    this.#sent.set(socket, { answered, end, acked, since: this.#now() })
  }

  /** What the socket was sent has arrived. */
  arrived(socket: SyncSocket): void {
    this.#sent.delete(socket)
  }

  /** How many sockets it is, all bytes, and those that are on the move: not those of slow ones. */
  measure(): { readonly sockets: number; readonly bytes: number; readonly moving: number } {
    let [bytes, moving] = [0, 0]
    for (const [socket, sent] of this.#sent) {
      const { isOpen, ackedBytes } = socket
      const unacknowledged = sent.end - ackedBytes
      // The last bytes of a whole need not be acknowledged. Who goes on has read what came before.
      if (!isOpen || unacknowledged < (sent.answered === 'all' ? ACK_ANSWER_BYTES : 1)) {
        this.#sent.delete(socket)
        continue
      }
      const hasMoved = ackedBytes !== sent.acked
      if (hasMoved) this.#sent.set(socket, { ...sent, acked: ackedBytes, since: this.#now() })
      const part = Math.min(unacknowledged, JOIN_ANSWER_BYTES)
      bytes += part
      if (hasMoved || this.#now() - sent.since < SLOW_MS) moving += part
    }
    return { sockets: this.#sent.size, bytes, moving }
  }
}

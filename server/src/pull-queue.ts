import {
  CloseCode,
  FRAME_TARGET_BYTES,
  JOIN_ANSWER_BYTES,
  type JoinFrame,
  type Limits,
  type PageFrame,
} from '@durable-sync/core/wire'
import type { Joins } from './joins.ts'
import { isRefusal } from './refusal.ts'
import type { Subscriptions } from './subscriptions.ts'
import type { SyncEventSink } from './sync-event.ts'
import type { SyncSocket } from './sync-socket.ts'
import { UNDERWAY_BYTES, type Underway } from './underway.ts'
import type { Windows } from './windows.ts'

/** How often a full socket is looked at again, in milliseconds. Nothing tells when bytes have left. */
const RETRY_MS = 20

/** However many there are, each is sent something. */
const LEAST_BYTES = 16 * 1024

/** A request for rows. */
export type Pull = JoinFrame | PageFrame

export interface PullQueueHost {
  readonly joins: Joins
  readonly windows: Windows
  readonly subscriptions: Subscriptions
  readonly limits: Limits
  readonly underway: Underway
  readonly event: SyncEventSink
  /** Runs `task` in a turn after this many milliseconds. */
  later(ms: number, task: () => void): void
}

/**
 * The answer to a join may be 4 MB, and a client asks for all its collections at once. Answered in one turn, a few of them would make it
 * look too slow, and many would end an object of 128 MB. So a join waits until what its socket was sent before is nearly out, and so
 * does a page. And the more is on its way to everybody, the shorter is the next answer: a hundred clients come back at once after a
 * restart. Nobody waits for another, who may be slow. Only memory: the runtime does not put an object to sleep that has a timer.
 */
export class PullQueue {
  readonly #host: PullQueueHost
  /** By socket, then by what is asked for: a newer join of the same subscription takes the older one's place. */
  readonly #waiting = new Map<SyncSocket, Map<string, Pull>>()

  constructor(host: PullQueueHost) {
    this.#host = host
  }

  add(socket: SyncSocket, frame: Pull): void {
    const queue = this.#waiting.get(socket) ?? new Map<string, Pull>()
    // To know where to go on, it must have read the answer before. A page proves nothing: its place is the client's own.
    if (frame.type === 'join' && frame.p0 !== undefined) socket.acked()
    const name = nameOf(frame)
    queue.delete(name)
    if (this.#isRefused(socket, frame) || this.#isNext(socket, queue)) {
      const rest = this.#serve(socket, frame)
      if (rest) this.#queue(socket, queue, rest)
    } else if (this.#isFull(queue, frame))
      this.#refuse(socket, frame, 'too-many-subscriptions', 'too many requests wait for room on this socket')
    else this.#queue(socket, queue, frame)
  }

  #queue(socket: SyncSocket, queue: Map<string, Pull>, frame: Pull): void {
    queue.set(nameOf(frame), frame)
    if (this.#waiting.has(socket)) return
    this.#waiting.set(socket, queue)
    this.#wait(socket, queue)
  }

  /** The client no longer wants it. */
  drop(socket: SyncSocket, sub: number): void {
    const queue = this.#waiting.get(socket)
    for (const [name, frame] of queue ?? []) if (frame.sub === sub) queue?.delete(name)
  }

  /** Another installation takes over: whatever waits here is asked for again. */
  abandon(): void {
    for (const [socket, queue] of this.#waiting) {
      for (const sub of new Set([...queue.values()].map((frame) => frame.sub)))
        this.#host.subscriptions.restart(socket, sub, 'requested')
      queue.clear()
    }
    this.#waiting.clear()
  }

  /** Saying no takes no room. */
  #isRefused(socket: SyncSocket, frame: Pull): boolean {
    const { subscriptions, windows } = this.#host
    return frame.type === 'join'
      ? isRefusal(subscriptions.admit(frame, socket, frame.sub))
      : windows.refusal(socket, frame) !== null
  }

  #isNext(socket: SyncSocket, queue: ReadonlyMap<string, Pull>): boolean {
    return queue.size === 0 && socket.hasRoom
  }

  #isFull(queue: ReadonlyMap<string, Pull>, frame: Pull): boolean {
    const { subscriptions, frameBytes } = this.#host.limits
    let characters = sizeOf(frame)
    for (const waiting of queue.values()) characters += sizeOf(waiting)
    return queue.size >= subscriptions || characters > frameBytes
  }

  #wait(socket: SyncSocket, queue: Map<string, Pull>): void {
    this.#host.later(RETRY_MS, () => {
      for (const [name, frame] of queue) {
        if (!socket.isOpen) break
        if (!socket.hasRoom) {
          if (socket.isStuck) socket.close(CloseCode.overloaded, 'the reader is too slow', 1000)
          this.#wait(socket, queue)
          return
        }
        queue.delete(name)
        const rest = this.#answer(socket, frame)
        if (!rest) continue
        // Others are served before it goes on.
        queue.set(nameOf(rest), rest)
        this.#wait(socket, queue)
        return
      }
      this.#waiting.delete(socket)
    })
  }

  /** Returns what is left to do of it in a later turn. */
  #serve(socket: SyncSocket, frame: Pull): Pull | null {
    if (frame.type === 'join') {
      const most = this.#allowance(socket)
      const rest = this.#host.joins.answer(socket, frame, most)
      this.#host.underway.sent(socket, socket.subs.has(frame.sub) ? 'all' : 'a part')
      return rest
    }
    this.#host.windows.page(socket, frame)
    return null
  }

  /**
   * How many bytes the next answer may have: of one half of what may be on its way, what those before have left; of the other, an equal part.
   * What this socket was sent before is nearly out.
   */
  #allowance(next: SyncSocket): number {
    const { underway } = this.#host
    underway.arrived(next)
    const { sockets, bytes } = underway.measure()
    const half = UNDERWAY_BYTES / 2
    const part = half / (sockets + 1)
    const least = Math.max(LEAST_BYTES, Math.min(FRAME_TARGET_BYTES, part))
    return Math.max(least, Math.min(JOIN_ANSWER_BYTES, (half - bytes) / 2))
  }

  #answer(socket: SyncSocket, frame: Pull): Pull | null {
    try {
      return this.#serve(socket, frame)
    } catch (error) {
      this.#host.event({ type: 'error', where: frame.type, error })
      this.failed(socket, frame)
      return null
    }
  }

  /** It was asked for and could not be answered. */
  failed(socket: SyncSocket, frame: Pull): void {
    this.#refuse(socket, frame, 'internal', `the ${frame.type} failed`)
  }

  #refuse(
    socket: SyncSocket,
    frame: Pull,
    code: 'too-many-subscriptions' | 'internal',
    message: string,
  ): void {
    if (frame.type === 'join') socket.send({ type: 'refused', re: 'join', join: frame.join, code, message })
    else socket.send({ type: 'refused', re: 'page', request: frame.request, code, message })
  }
}

const nameOf = (frame: Pull): string =>
  frame.type === 'join' ? `join ${frame.sub}` : `page ${frame.request}`

/** Characters that waiting costs. */
const sizeOf = (frame: Pull): number =>
  JSON.stringify([frame.after ?? '', frame.type === 'join' ? (frame.where ?? '') : '']).length

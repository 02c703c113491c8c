import { CloseCode, type JoinFrame, type Limits } from '@durable-sync/core/wire'
import type { Joins } from './joins.ts'
import type { Subscriptions } from './subscriptions.ts'
import type { SyncEventSink } from './sync-event.ts'
import type { SyncSocket } from './sync-socket.ts'

/** How often a full socket is looked at again, in milliseconds. Nothing tells when bytes have left. */
const RETRY_MS = 20

export interface JoinQueueHost {
  readonly joins: Joins
  readonly subscriptions: Subscriptions
  readonly limits: Limits
  readonly event: SyncEventSink
  /** Runs `task` in a turn after this many milliseconds. */
  later(ms: number, task: () => void): void
}

/**
 * The answer to a join may be 4 MB, and a client asks for all its collections at once. Answered in one turn, a few of them would make it
 * look too slow, and many would end an object of 128 MB. So a join waits until what its socket was sent before is nearly out. Only
 * memory: the runtime does not put an object to sleep that has a timer.
 */
export class JoinQueue {
  readonly #host: JoinQueueHost
  /** By socket, then by subscription: a newer join of the same subscription takes the older one's place. */
  readonly #waiting = new Map<SyncSocket, Map<number, JoinFrame>>()

  constructor(host: JoinQueueHost) {
    this.#host = host
  }

  add(socket: SyncSocket, frame: JoinFrame): void {
    const { joins, subscriptions } = this.#host
    const queue = this.#waiting.get(socket) ?? new Map<number, JoinFrame>()
    // To know where to go on, it must have read the answer before.
    if (frame.after !== undefined) socket.acked()
    queue.delete(frame.sub)
    const answerable = subscriptions.refusal(frame, socket, frame.sub) !== null || this.#isNext(socket, queue)
    if (answerable) joins.answer(socket, frame)
    else if (this.#isFull(queue, frame))
      this.#refuse(socket, frame, 'too-many-subscriptions', 'too many joins wait for room on this socket')
    else {
      queue.set(frame.sub, frame)
      if (this.#waiting.has(socket)) return
      this.#waiting.set(socket, queue)
      this.#wait(socket, queue)
    }
  }

  /** The client no longer wants it. */
  drop(socket: SyncSocket, sub: number): void {
    this.#waiting.get(socket)?.delete(sub)
  }

  /** Another installation takes over: whatever waits here is asked for again. */
  abandon(): void {
    for (const [socket, queue] of this.#waiting) {
      for (const sub of queue.keys()) socket.send({ type: 'restart', sub, reason: 'requested' })
      queue.clear()
    }
    this.#waiting.clear()
  }

  #isNext(socket: SyncSocket, queue: ReadonlyMap<number, JoinFrame>): boolean {
    return queue.size === 0 && socket.hasRoom
  }

  #isFull(queue: ReadonlyMap<number, JoinFrame>, frame: JoinFrame): boolean {
    const { subscriptions, frameBytes } = this.#host.limits
    let characters = frame.after?.length ?? 0
    for (const { after } of queue.values()) characters += after?.length ?? 0
    return queue.size >= subscriptions || characters > frameBytes
  }

  #wait(socket: SyncSocket, queue: Map<number, JoinFrame>): void {
    this.#host.later(RETRY_MS, () => {
      for (const [sub, frame] of queue) {
        if (!socket.isOpen) break
        if (!socket.hasRoom) {
          if (socket.isStuck) socket.close(CloseCode.overloaded, 'the reader is too slow', 1000)
          this.#wait(socket, queue)
          return
        }
        queue.delete(sub)
        this.#answer(socket, frame)
      }
      this.#waiting.delete(socket)
    })
  }

  #answer(socket: SyncSocket, frame: JoinFrame): void {
    try {
      this.#host.joins.answer(socket, frame)
    } catch (error) {
      this.#host.event({ type: 'error', where: 'join', error })
      this.#refuse(socket, frame, 'internal', 'the join failed')
    }
  }

  #refuse(
    socket: SyncSocket,
    { join }: JoinFrame,
    code: 'too-many-subscriptions' | 'internal',
    message: string,
  ): void {
    socket.send({ type: 'refused', re: 'join', join, code, message })
  }
}

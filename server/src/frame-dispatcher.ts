import {
  type ClientFrame,
  CloseCode,
  decodeClientFrame,
  FrameError,
  type Limits,
  PING,
  PONG,
  utf8Bytes,
} from '@durable-sync/core/wire'
import type { Backlog } from './backlog.ts'
import type { ClientIds } from './client-ids.ts'
import type { Greetings } from './greetings.ts'
import type { Handshake } from './handshake.ts'
import type { Lanes } from './lanes.ts'
import type { PullQueue } from './pull-queue.ts'
import type { Subscriptions } from './subscriptions.ts'
import type { SyncEventSink } from './sync-event.ts'
import type { SyncSocket } from './sync-socket.ts'
import { TurnLost } from './turn-lost.ts'
import type { Windows } from './windows.ts'

/** A peer that sends so many unusable frames in a row is not one of ours. */
const MAX_STRIKES = 10

export interface DispatcherHost {
  readonly limits: Limits
  readonly backlog: Backlog
  readonly greetings: Greetings
  readonly handshake: Handshake
  readonly pulls: PullQueue
  readonly windows: Windows
  readonly lanes: Lanes
  readonly clientIds: ClientIds
  readonly subscriptions: Subscriptions
  readonly event: SyncEventSink
  authenticate(socket: SyncSocket, token: string): void
}

/** From a WebSocket message to the one that deals with it. Every frame is answered: with data, a refusal, or a documented close. */
export class FrameDispatcher {
  readonly #host: DispatcherHost

  constructor(host: DispatcherHost) {
    this.#host = host
  }

  /** The frame that a message says, or null when it was answered here. */
  read(socket: SyncSocket, message: string | ArrayBuffer): ClientFrame | null {
    if (message === PING) {
      socket.sendText(PONG)
      return null
    }
    try {
      if (typeof message !== 'string') throw new FrameError('a binary frame: frames are text')
      const bytes = message.length * 3 <= this.#host.limits.helloBytes ? message.length : utf8Bytes(message)
      if (bytes > this.#host.limits.frameBytes) {
        this.#strike(
          socket,
          'frame-too-large',
          `the frame has ${bytes} bytes, ${this.#host.limits.frameBytes} are allowed`,
        )
        return null
      }
      const frame = decodeClientFrame(message, this.#host.limits)
      if (frame.type === 'hello' && bytes > this.#host.limits.helloBytes) {
        socket.close(
          CloseCode.protocol,
          `the hello has ${bytes} bytes, ${this.#host.limits.helloBytes} are allowed`,
        )
        return null
      }
      socket.strikes = 0
      if (frame.type !== 'push' || this.#host.backlog.add(socket.principal, frame.items, message.length))
        return frame
      this.#refuse(socket, frame)
      return null
    } catch (error) {
      if (!(error instanceof FrameError)) throw error
      this.#strike(socket, 'frame-invalid', error.message)
      return null
    }
  }

  dispatch(socket: SyncSocket, frame: ClientFrame): void {
    if (socket.isWelcomed === (frame.type === 'hello')) {
      socket.close(CloseCode.protocol, frame.type === 'hello' ? 'hello is said once' : 'say hello first')
      if (frame.type === 'push') for (const item of frame.items) this.#host.backlog.done(item)
      return
    }
    try {
      this.#route(socket, frame)
    } catch (error) {
      if (error instanceof TurnLost) throw error
      const { event, pulls } = this.#host
      event({ type: 'error', where: frame.type, error })
      if (frame.type === 'join' || frame.type === 'page') pulls.failed(socket, frame)
      else socket.send({ type: 'refused', re: 'frame', code: 'internal', message: `"${frame.type}" failed` })
    }
  }

  #route(socket: SyncSocket, frame: ClientFrame): void {
    const { greetings, pulls, windows, lanes, clientIds, subscriptions } = this.#host
    switch (frame.type) {
      case 'hello':
        greetings.add(socket, frame)
        break
      case 'open':
        this.#open(socket, frame)
        break
      // A frame may name a hundred thousand client ids, and a socket has declared few.
      case 'retire':
        for (const cid of new Set(frame.cids))
          if (socket.cids.includes(cid)) clientIds.retire(cid, socket.principal)
        break
      case 'seen':
        for (const [cid, seen] of new Map(frame.cids.map((claim) => [claim.cid, claim.seen])))
          if (socket.cids.includes(cid)) clientIds.forget(cid, socket.principal, seen)
        break
      case 'join':
      case 'page':
        pulls.add(socket, frame)
        break
      case 'leave':
        pulls.drop(socket, frame.sub)
        subscriptions.remove(socket, frame.sub)
        break
      case 'push':
        for (const item of frame.items) lanes.add(socket, item)
        break
      case 'narrow':
        windows.narrow(socket, frame)
        break
      case 'auth':
        this.#host.authenticate(socket, frame.token)
        break
      case 'ack':
        socket.acked(frame.bytes)
        break
      case 'ephemeral':
        socket.send({ type: 'refused', re: 'frame', ...NO_EPHEMERAL })
        break
      default:
        frame satisfies never
    }
  }

  /** Nothing of the frame is kept, and a client sends all again from the first number of each client id that it hears of. */
  #refuse(socket: SyncSocket, { items }: Extract<ClientFrame, { type: 'push' }>): void {
    const [code, message] = ['busy', 'too many writes wait'] as const
    this.#host.event({ type: 'refused', socket: socket.id, code, message })
    const told = new Set<string>()
    for (const { cid, n } of items) {
      if (told.has(cid)) continue
      told.add(cid)
      socket.send({ type: 'refused', re: 'push', cid, n, code, message })
    }
  }

  #open(socket: SyncSocket, frame: Extract<ClientFrame, { type: 'open' }>): void {
    const { handshake, limits } = this.#host
    const cids = frame.cids.map(({ cid }) => cid)
    if (new Set([...socket.cids, ...cids]).size > limits.cidsPerHello) {
      socket.close(CloseCode.protocol, `${limits.cidsPerHello} client ids are allowed on one socket`)
      return
    }
    handshake.declare(socket, frame.cids)
    socket.declare(cids)
  }

  #strike(socket: SyncSocket, code: 'frame-invalid' | 'frame-too-large', message: string): void {
    this.#host.event({ type: 'refused', socket: socket.id, code, message })
    socket.strikes++
    if (socket.strikes >= MAX_STRIKES)
      socket.close(CloseCode.protocol, 'too many frames that are not of this protocol')
    else socket.send({ type: 'refused', re: 'frame', code, message })
  }
}

const NO_EPHEMERAL = {
  code: 'ephemeral-unsupported',
  message: 'this server does not pass ephemeral messages on',
} as const

import type { Cancel, Environment } from '../client/environment.ts'
import { ProtocolError } from '../errors.ts'
import type { Observe } from '../observer/observe.ts'
import type { FrameEvent } from '../observer/sync-event.ts'
import type { ConnectionStatus } from '../status/connection-status.ts'
import { createReadable, type Readable } from '../status/readable.ts'
import type { Transport, TransportListener } from '../transport/transport.ts'
import { CloseCode } from '../wire/close-code.ts'
import { PING, PONG } from '../wire/codec.ts'
import { decodeServerFrame } from '../wire/decode-server-frame.ts'
import { encodeClientFrame } from '../wire/encode-client-frame.ts'
import type { ClientFrame, ServerFrame } from '../wire/index.ts'
import { connectionStatusOf, sameStatus } from './connection-status-of.ts'
import { eventOfGreeting } from './event-of-greeting.ts'
import { Heartbeat } from './heartbeat.ts'
import { ReceivedBytes } from './received-bytes.ts'
import { sessionDeadlines } from './session-deadlines.ts'
import type { SessionListener, SessionPort } from './session-port.ts'
import { initialSession, type SessionEffect, type SessionEvent, type SessionState } from './session-state.ts'
import { SessionTimers } from './session-timers.ts'
import { DEFAULT_TIMINGS, type SessionTimings } from './session-timings.ts'
import { stepSession } from './session-transitions.ts'
import { Turns } from './turns.ts'
import { watchWakeSignals } from './wake-signals.ts'

export interface SessionOptions {
  readonly transport: Transport
  readonly listener: SessionListener
  readonly environment: Environment
  readonly timings?: Partial<SessionTimings>
  /** Whom every welcome must be for. Default: whom the first one is for. */
  readonly principal?: string | undefined
  /** What has to be known before a hello; awaited before each socket. */
  readonly prepare?: (() => Promise<void>) | undefined
  readonly observe?: Observe | undefined
}

/** Runs the machine of `session-state.ts`: owns the transport, the timers, the heartbeat and the page's signals. */
export class Session implements SessionPort {
  readonly #transport: Transport
  readonly #listener: SessionListener
  readonly #prepare: (() => Promise<void>) | undefined
  readonly #observe: Observe | undefined
  readonly #environment: Environment
  readonly #timings: SessionTimings
  readonly #turns: Turns
  readonly #timers: SessionTimers
  readonly #heartbeat: Heartbeat
  readonly #status = createReadable<ConnectionStatus>({ state: 'idle' })
  readonly #ears: TransportListener
  #state: SessionState
  #received = new ReceivedBytes()
  #unwatch: Cancel | undefined

  /** Does nothing until the first `want`. */
  constructor(options: SessionOptions) {
    const { transport, listener, environment, timings, principal, prepare, observe } = options
    this.#transport = transport
    this.#observe = observe
    this.#listener = listener
    this.#prepare = prepare
    this.#environment = environment
    this.#timings = { ...DEFAULT_TIMINGS, ...timings }
    this.#state = initialSession(this.#timings, principal)
    this.#turns = new Turns(environment.reportError)
    this.#timers = new SessionTimers(environment, (type) => this.#dispatch({ type }))
    this.#heartbeat = new Heartbeat({
      environment,
      timings: this.#timings,
      ping: () => this.#transport.send(this.#state.memory.socket, PING),
      dead: () => this.redial(CloseCode.heartbeatMissed, 'no sign of life'),
    })
    this.#ears = {
      onOpen: (socket) => this.#dispatch({ type: 'opened', socket }),
      onMessage: (socket, text) => this.#turns.run(() => this.#hear(socket, text)),
      onClose: (socket, end) => this.#dispatch({ type: 'ended', socket, end }),
    }
  }

  /** What happens next with the connection, and who has to act. */
  get status(): Readable<ConnectionStatus> {
    return this.#status
  }

  /** Something needs the server: connect, and stay connected. May be called again at any time. */
  want(): void {
    this.#dispatch({ type: 'want' })
  }

  /** Nothing needs the server any more: the socket closes after a while, unless it is wanted again. */
  unwant(): void {
    this.#dispatch({ type: 'unwant' })
  }

  /** Dials now instead of waiting; asks a connected server for a sign of life. */
  kick(): void {
    this.#dispatch({ type: 'kick' })
  }

  /**
   * Goes on after `needs-auth` or `failed`. With a token it also works in every other state: on a live socket it is handed to the
   * server, otherwise it is kept for the next one.
   */
  resume(options: { readonly token?: string } = {}): void {
    this.#dispatch({ type: 'resume', token: options.token })
  }

  redial(code: number, reason: string): void {
    this.#dispatch({ type: 'redial', code, reason })
  }

  send(frame: ClientFrame): boolean {
    const { is, memory } = this.#state
    if (is !== 'live') return false
    if (this.#say(memory.socket, frame)) return true
    // A socket that is closing can take half a minute to say so. Not within this call: the caller is in the middle of something.
    queueMicrotask(() => {
      if (this.#state.is === 'live' && this.#state.memory.socket === memory.socket) {
        this.redial(CloseCode.heartbeatMissed, 'the socket is closing')
      }
    })
    return false
  }

  #say(socket: number, frame: ClientFrame): boolean {
    const text = encodeClientFrame(frame)
    const sent = this.#transport.send(socket, text)
    if (sent) this.#observeFrame('out', frame.type, socket, text)
    return sent
  }

  #observeFrame(way: FrameEvent['way'], frame: FrameEvent['frame'], socket: number, text: string): void {
    // Nobody who looks on is to see credentials.
    const shown = frame === 'auth' ? null : text
    this.#observe?.({ type: 'frame', way, frame, length: text.length, text: shown, socket })
  }

  /** Closes the socket and leaves no timer and no listener behind. For good. */
  close(): void {
    this.#dispatch({ type: 'close' })
  }

  #dispatch(event: SessionEvent): void {
    this.#turns.run(() => this.#step(event))
  }

  #step(event: SessionEvent): void {
    const { now, random, online } = this.#environment
    const network = online() ? 'online' : 'offline'
    const context = { now: now(), random: random(), network, timings: this.#timings } as const
    const before = this.#state
    const { state, effects } = stepSession(before, event, context)
    this.#state = state
    if (before.is !== state.is) {
      const { socket } = state.memory
      this.#observe?.({ type: 'session', from: before.is, to: state.is, by: event.type, socket })
    }
    this.#timers.follow(sessionDeadlines(state))
    this.#watch()
    if (before.is === 'live' && state.is !== 'live') this.#heartbeat.stop()
    for (const effect of effects) this.#run(effect)
    if (state.is === 'idle' || state.is === 'closed') this.#transport.detach(this.#ears)
    const status = connectionStatusOf(state)
    if (!sameStatus(status, this.#status.get())) this.#status.set(status)
  }

  #watch(): void {
    const wants = this.#state.is !== 'idle' && this.#state.is !== 'closed'
    if (wants && !this.#unwatch) {
      this.#unwatch = watchWakeSignals(this.#environment, (type) => this.#dispatch({ type }))
    } else if (!wants && this.#unwatch) {
      this.#unwatch()
      this.#unwatch = undefined
    }
  }

  #run(effect: SessionEffect): void {
    switch (effect.type) {
      case 'open':
        this.#open(effect)
        break
      case 'closeSocket':
        this.#transport.close(effect.socket, effect.code, effect.reason)
        break
      case 'probe':
        this.#probe(effect.socket)
        break
      case 'greet':
        this.#greet(effect.socket)
        break
      case 'welcome':
        this.#received = new ReceivedBytes()
        this.#heartbeat.start()
        this.#tell(() => this.#listener.welcomed(effect.frame))
        break
      case 'lose':
        this.#tell(() => this.#listener.lost())
        break
      case 'doubt':
        this.#heartbeat.doubt()
        break
      case 'authenticate':
        this.send({ type: 'auth', token: effect.token })
        break
      default:
        effect satisfies never
    }
  }

  #open(request: Extract<SessionEffect, { type: 'open' }>): void {
    if (!this.#prepare) {
      this.#dial(request)
      return
    }
    const dial = () => {
      // Whoever waits too long has been given up.
      if (this.#state.is === 'dialling' && this.#state.memory.socket === request.socket) this.#dial(request)
    }
    this.#prepare().then(dial, (error: unknown) => {
      this.#environment.reportError(error)
      dial()
    })
  }

  #dial({ socket, credentials, token }: Extract<SessionEffect, { type: 'open' }>): void {
    try {
      this.#transport.attach(this.#ears, this.#environment)
      this.#transport.open({ socket, credentials, ...(token !== undefined && { token }) })
    } catch (error) {
      const cause =
        error instanceof ProtocolError
          ? error
          : new ProtocolError('transport-broken', 'The transport threw', { cause: error })
      this.#dispatch({ type: 'ended', socket, end: { is: 'unusable', cause } })
    }
  }

  #probe(socket: number): void {
    const probe = async () => this.#transport.probe?.()
    probe().then(
      (status) => this.#dispatch({ type: 'probed', socket, status }),
      () => this.#dispatch({ type: 'probed', socket, status: undefined }),
    )
  }

  #greet(socket: number): void {
    try {
      this.#say(socket, this.#listener.hello())
    } catch (error) {
      this.#environment.reportError(error)
      this.#dispatch({
        type: 'broken',
        socket,
        cause: new ProtocolError('hello-failed', 'The hello could not be made', { cause: error }),
      })
    }
  }

  /** A message of any socket. */
  #hear(socket: number, text: string): void {
    const { is, memory } = this.#state
    const current = socket === memory.socket && (is === 'greeting' || is === 'live')
    if (current) this.#heartbeat.heard()
    if (text === PONG || is === 'closed') return
    const frame = this.#decode(socket, text)
    this.#observeFrame('in', frame?.type ?? 'invalid', socket, text)
    if (frame === undefined) return
    if (!current) {
      const says = frame.type !== 'goodbye' && frame.type !== 'welcome'
      if (says) this.#tell(() => this.#listener.receivedLate(frame))
    } else if (frame.type === 'goodbye') {
      const { code, message, retryAfterMs = 0 } = frame
      this.#step({ type: 'goodbye', socket, code, message, retryAfterMs })
    } else if (is === 'greeting') {
      this.#step(eventOfGreeting(socket, frame))
      // The count begins with the welcome, and the server counts it as well.
      this.#received.add(text)
    } else if (frame.type === 'welcome') this.#break(socket, 'The server sent a second welcome')
    else this.#pass(socket, frame, text)
  }

  #decode(socket: number, text: string): ServerFrame | undefined {
    try {
      return decodeServerFrame(text)
    } catch (error) {
      this.#break(socket, 'The server sent something that is no frame', error)
      return undefined
    }
  }

  #break(socket: number, message: string, error?: unknown): void {
    this.#step({
      type: 'broken',
      socket,
      cause: new ProtocolError('frame-invalid', message, { cause: error }),
    })
  }

  #pass(socket: number, frame: ServerFrame, text: string): void {
    const answers = frame.type !== 'changes' || frame.settled !== undefined
    if (answers && this.#state.memory.silences > 0) this.#step({ type: 'answered', socket })
    this.#tell(() => this.#listener.received(frame))
    this.#received.add(text)
    this.#received.passed(frame)
    const bytes = this.#received.due()
    if (bytes !== undefined) this.send({ type: 'ack', bytes })
  }

  /** A listener that throws is reported and changes nothing. */
  #tell(call: () => void): void {
    try {
      call()
    } catch (error) {
      this.#environment.reportError(error)
    }
  }
}

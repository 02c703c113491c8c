import ReconnectingWebSocket from 'partysocket/ws'
import type { Environment, WebSocketConstructor } from '../client/environment.ts'
import { ConnectionError, ProtocolError } from '../errors.ts'
import { closeAction } from '../wire/close-code.ts'
import { closeCodeToSend, closeReasonToSend } from './close-argument.ts'
import { Gate } from './gate.ts'
import { prepareUrl, type TokenProvider, type UrlParts, type UrlProvider } from './prepare-url.ts'
import { requestUrl } from './socket-url.ts'
import { timeBox } from './time-box.ts'
import type { OpenRequest, SocketEnd, Transport, TransportListener } from './transport.ts'

export interface WebSocketTransportOptions {
  /** Where the object is: `wss://…`, `https://…`, or relative to the page. A function is asked before every socket. */
  readonly url: UrlProvider
  /**
   * The credentials, asked for before every socket and sent as a query parameter. `force` says that the last ones were refused, so a
   * cached token must not be returned again. `null` says that nobody is logged in: nothing is dialled and the status becomes
   * `needs-auth`. A throw is an outage and is retried. Default: none are sent.
   */
  readonly getToken?: TokenProvider
  /** The name of the query parameter. Default `token`. */
  readonly tokenParam?: string
  /**
   * The WebSocket class. Default: the platform's, in a page. Elsewhere (Node, Workers, Deno, Bun) pages are rendered, for which nothing is
   * dialled: a program that syncs from there hands in its class, that of the package `ws` or the global one.
   */
  readonly WebSocket?: WebSocketConstructor
  /** How long `url` or `getToken` may take, each, in milliseconds. Default 15,000. */
  readonly prepareTimeoutMs?: number
  /** How long the upgrade may take, in milliseconds. Default 10,000. */
  readonly connectTimeoutMs?: number
  /** How long the request that looks for the cause of a refused upgrade may take, in milliseconds. Default 5,000. */
  readonly probeTimeoutMs?: number
}

interface Ticket extends OpenRequest {
  readonly abort: AbortController
}

/** How far the current socket has come. `admitted` waits for its URL, `dialled` for the upgrade. */
type Phase =
  | { readonly is: 'none' }
  | { readonly is: 'admitted' | 'dialled' | 'open'; readonly ticket: Ticket }

interface Attachment {
  readonly listener: TransportListener
  readonly environment: Environment
}

const NONE: Phase = { is: 'none' }

/** How long a socket that was given up may wait for the other side to agree, in milliseconds, where that can be cut short. */
const CLOSING_MS = 1000

/** The pipe over a WebSocket. Making one does nothing; it dials when a client that uses it needs the server. */
export class WebSocketTransport implements Transport {
  readonly #options: WebSocketTransportOptions
  readonly #gate = new Gate<Ticket>()
  #attachment: Attachment | undefined
  #pipe: ReconnectingWebSocket | undefined
  #phase: Phase = NONE
  /** What partysocket was given last. */
  #socket: object | undefined
  /** The last token that the application handed over itself. */
  #handedToken: string | undefined
  /** The URL that partysocket was given last, and for which socket. */
  #prepared: { readonly ticket: Ticket; readonly url: string } | undefined

  constructor(options: WebSocketTransportOptions) {
    this.#options = options
  }

  get address(): string | undefined {
    const { url } = this.#options
    return typeof url === 'function' ? undefined : String(url)
  }

  /** Whoever hands in a class means it. */
  get dials(): 'everywhere' | 'from-pages' {
    return this.#options.WebSocket ? 'everywhere' : 'from-pages'
  }

  attach(listener: TransportListener, environment: Environment): void {
    if (this.#attachment && this.#attachment.listener !== listener) {
      const fix = 'give every SyncClient a transport of its own, or close() the first one'
      throw new ProtocolError('transport-in-use', `The transport belongs to another client; ${fix}`)
    }
    this.#attachment = { listener, environment }
  }

  detach(listener: TransportListener): void {
    if (this.#attachment?.listener !== listener) return
    this.#leave(1000, '')
    this.#attachment = undefined
  }

  open(request: OpenRequest): void {
    this.#leave(1000, '')
    const ticket: Ticket = { ...request, abort: new AbortController() }
    this.#phase = { is: 'admitted', ticket }
    if (request.token !== undefined) this.#handedToken = request.token
    if (!this.#webSocket()) {
      const fix = 'pass one to the transport, as in `import { WebSocket } from "ws"`'
      const cause = new ProtocolError('websocket-missing', `There is no WebSocket class here; ${fix}`)
      this.#end({ is: 'unusable', cause })
      return
    }
    this.#gate.admit(ticket)
    this.#pipe ??= this.#createPipe()
    // No effect while partysocket is already waiting at the gate.
    this.#pipe.reconnect()
  }

  send(socket: number, text: string): boolean {
    if (this.#phase.is !== 'open' || this.#phase.ticket.socket !== socket) return false
    return this.#pipe?.send(text) ?? false
  }

  close(socket: number, code: number, reason: string): void {
    if (this.#phase.is !== 'none' && this.#phase.ticket.socket === socket) this.#leave(code, reason)
  }

  async probe(): Promise<number | undefined> {
    const url = this.#prepared?.url
    const environment = this.#attachment?.environment
    if (url === undefined || !environment) return undefined
    const box = {
      ms: this.#options.probeTimeoutMs ?? 5000,
      what: 'the probe',
      signal: new AbortController().signal,
    }
    try {
      // Cookies go along as they do with the upgrade, or a page that logs in by cookie would seem to be logged out.
      const answer = await timeBox(environment, box, (signal) =>
        environment.fetch(requestUrl(url), {
          credentials: 'include',
          cache: 'no-store',
          redirect: 'manual',
          signal,
        }),
      )
      return answer.status
    } catch {
      return undefined
    }
  }

  #webSocket(): WebSocketConstructor | undefined {
    return this.#options.WebSocket ?? this.#attachment?.environment.webSocket()
  }

  /** Gives up the current socket, whatever its phase, without telling the listener. */
  #leave(code: number, reason: string): void {
    const phase = this.#phase
    if (phase.is === 'none') return
    // First: partysocket reports the close synchronously.
    this.#phase = NONE
    phase.ticket.abort.abort()
    this.#pipe?.close(closeCodeToSend(code), closeReasonToSend(reason))
    this.#terminateLater()
  }

  /** The package `ws` waits half a minute for a close that a dead network never brings, and keeps a Node process alive for it. */
  #terminateLater(): void {
    const socket = this.#socket
    this.#socket = undefined
    if (!socket || !('terminate' in socket)) return
    const { terminate } = socket
    if (typeof terminate !== 'function') return
    this.#attachment?.environment.afterInBackground(CLOSING_MS, () => Reflect.apply(terminate, socket, []))
  }

  #end(end: SocketEnd): void {
    if (this.#phase.is === 'none') return
    const { socket } = this.#phase.ticket
    this.#phase = NONE
    this.#attachment?.listener.onClose(socket, end)
  }

  #createPipe(): ReconnectingWebSocket {
    const dial = (url: string) => this.#dial(url)
    function Socket(url: string): object {
      return dial(url)
    }
    const pipe = new ReconnectingWebSocket(() => this.#nextUrl(), undefined, {
      WebSocket: Socket,
      startClosed: true,
      // Its queue is unbounded and is flushed before `open`: stale frames would come before hello.
      maxEnqueuedMessages: 0,
      minReconnectionDelay: 0,
      maxReconnectionDelay: 0,
      connectionTimeout: this.#options.connectTimeoutMs ?? 10_000,
      // Asked for our own codes too, and a veto there would undo our own `reconnect`; they are all `retry`.
      shouldReconnectOnClose: ({ code }) => closeAction(code) === 'retry' || closeAction(code) === 'renew',
    })
    pipe.binaryType = 'arraybuffer'
    // Properties, not listeners: in browsers the events of the listener path are corrupted copies.
    pipe.onopen = () => this.#opened()
    pipe.onmessage = (event) => this.#received(event.data)
    pipe.onclose = ({ code, reason }) => this.#closed(code, reason)
    return pipe
  }

  /** partysocket's URL provider. It settles only with an address that is to be dialled, and never rejects. */
  async #nextUrl(): Promise<string> {
    for (;;) {
      const ticket = await this.#gate.pass()
      const environment = this.#attachment?.environment
      if (!environment || ticket.abort.signal.aborted) continue
      const prepared = await prepareUrl(environment, {
        url: this.#options.url,
        tokenParam: this.#options.tokenParam ?? 'token',
        timeoutMs: this.#options.prepareTimeoutMs ?? 15_000,
        signal: ticket.abort.signal,
        token: this.#tokenFor(ticket),
      })
      if (ticket.abort.signal.aborted) continue
      if (prepared.is === 'ready') {
        this.#prepared = { ticket, url: prepared.url }
        return prepared.url
      }
      this.#end(prepared)
    }
  }

  /** A token handed over by the application is used for its socket; afterwards it only stands in where there is no `getToken`. */
  #tokenFor(ticket: Ticket): UrlParts['token'] {
    const { getToken } = this.#options
    if (ticket.token !== undefined || !getToken) return () => ticket.token ?? this.#handedToken
    return async (signal) => (await getToken({ force: ticket.credentials === 'renewed', signal })) ?? null
  }

  /**
   * Called by partysocket as the constructor of a socket: a few microtasks after the URL, in which the socket may have been given up,
   * and even another one opened. A throw sends partysocket back to the gate.
   */
  #dial(url: string): object {
    const phase = this.#phase
    const Socket = this.#webSocket()
    if (phase.is !== 'admitted' || phase.ticket !== this.#prepared?.ticket || !Socket)
      throw new Error('the socket was given up')
    try {
      const socket = new Socket(url)
      this.#phase = { is: 'dialled', ticket: phase.ticket }
      this.#socket = socket
      return socket
    } catch (error) {
      this.#end({
        is: 'unreachable',
        cause: new ConnectionError('unreachable', 'The socket was refused', { cause: error }),
      })
      throw error instanceof Error ? error : new Error('the socket was refused', { cause: error })
    }
  }

  #opened(): void {
    if (this.#phase.is !== 'dialled') return
    const { ticket } = this.#phase
    this.#phase = { is: 'open', ticket }
    this.#attachment?.listener.onOpen(ticket.socket)
  }

  #received(data: unknown): void {
    // The protocol is text; anything else becomes a text that no frame is.
    if (this.#phase.is === 'open') {
      this.#attachment?.listener.onMessage(this.#phase.ticket.socket, typeof data === 'string' ? data : '')
    }
  }

  /** Hints only: a close may be doubled, made up, or missing, and 1000 says nothing. The phase decides what it means. */
  #closed(code: number, reason: string): void {
    if (this.#phase.is === 'open') this.#end({ is: 'closed', code, reason })
    else if (this.#phase.is === 'dialled') {
      this.#end({
        is: 'unreachable',
        cause: new ConnectionError('unreachable', 'The server could not be reached'),
      })
    }
  }
}

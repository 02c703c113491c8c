import type { Environment } from '../client/environment.ts'
import type { ConnectionError, ProtocolError } from '../errors.ts'

/**
 * A pipe of texts to one Durable Object. It makes one socket at a time, when it is told to, and decides nothing: when to dial, what a
 * close code means and what is said on the socket is the session's.
 *
 * Sockets are numbered by the session, from 1 upwards. Laws:
 *
 *   1. For each opened number the listener hears at most one `onOpen`, then any `onMessage`, then exactly one `onClose`; after
 *      `close(n)` it may hear late messages of `n` and nothing else.
 *   2. Nothing is queued. `send` is true when the text was handed to an open socket, which does not mean that it arrives.
 *   3. Every `open` that is not closed ends in `onOpen` or `onClose`, in bounded time.
 *   4. No method throws, and the listener never does.
 */
export interface Transport {
  /** Where the object is, if that is always the same: absolute, or relative to the page. */
  readonly address?: string | undefined
  /**
   * Where it dials: `pages` are not rendered on a server, where everything that wants to dial would outlive the page that it is for. Default:
   * `everywhere`.
   */
  readonly dials?: 'everywhere' | 'from-pages'
  /**
   * Names the one listener, before the first `open`. The same one may be named again.
   * @throws ProtocolError `transport-in-use` when another session has it.
   */
  attach(listener: TransportListener, environment: Environment): void
  /** Lets go of the listener, if it is this one, and of every resource. The transport may be attached again. */
  detach(listener: TransportListener): void
  /** Starts a socket. The session has closed the one before, or heard its end. */
  open(request: OpenRequest): void
  send(socket: number, text: string): boolean
  /** `code` is 1000 or 4000 to 4099. */
  close(socket: number, code: number, reason: string): void
  /**
   * The HTTP status that the address of the last socket answers to a plain GET, undefined when it cannot be told. Browsers hide the
   * status of a refused upgrade.
   */
  probe?(): Promise<number | undefined>
}

export interface OpenRequest {
  readonly socket: number
  /** `renewed`: the credentials used last were refused, cached ones must not be used again. */
  readonly credentials: 'cached' | 'renewed'
  /** Credentials that the application has just handed over; they take precedence over whatever the transport knows. */
  readonly token?: string
}

export interface TransportListener {
  onOpen(socket: number): void
  onMessage(socket: number, text: string): void
  onClose(socket: number, end: SocketEnd): void
}

/** Why a socket ended, or never began. */
export type SocketEnd =
  /** It was open. Only codes from 4400 upwards mean anything. */
  | { readonly is: 'closed'; readonly code: number; readonly reason: string }
  /** The upgrade did not succeed: no network, no server, refused, or too slow. */
  | { readonly is: 'unreachable'; readonly cause: ConnectionError }
  /** The address or the credentials could not be fetched for now; nothing was dialled. */
  | { readonly is: 'unprepared'; readonly cause: ConnectionError }
  /** The application has no credentials: nobody is logged in; nothing was dialled. */
  | { readonly is: 'logged-out' }
  /** It will not work until a developer has changed something. */
  | { readonly is: 'unusable'; readonly cause: ProtocolError }

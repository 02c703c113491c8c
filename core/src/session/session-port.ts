import type { ClientFrame, HelloFrame, ServerFrame, WelcomeFrame } from '../wire/index.ts'

/** What the session asks of, and tells, the layers above it. All calls are synchronous. */
export interface SessionListener {
  /** The hello for a socket that has just opened. Called once per socket; nothing is sent before it. */
  hello(): HelloFrame
  /** The socket is live: `send` works from here on, also inside this call. */
  welcomed(frame: WelcomeFrame): void
  /** A frame of the current socket, after its welcome. Goodbyes are handled by the session and not passed on. */
  received(frame: ServerFrame): void
  /** A frame of an abandoned socket: it may settle writes, and must change nothing else. */
  receivedLate(frame: ServerFrame): void
  /** The current socket is gone; whatever was staged from it is void. Called once per welcomed socket. */
  lost(): void
}

/** The session as the layers above it see it. */
export interface SessionPort {
  /** Hands a frame to the live socket. False when there is none: nothing is queued here. */
  send(frame: ClientFrame): boolean
  /** Gives up the current socket and dials again at once. `code` is one of the client's own close codes. */
  redial(code: number, reason: string): void
}

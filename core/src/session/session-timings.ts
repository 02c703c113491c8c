/** All in milliseconds. */
export interface SessionTimings {
  /** Network down for longer than this is `disconnected` instead of `reconnecting`. Default 5,000. */
  readonly lostAfterMs: number
  /** The socket stays open this long after nobody needs it any more. Default 10,000. */
  readonly lingerMs: number
  /** From the open socket to its welcome. Default 10,000. */
  readonly handshakeMs: number
  /** A guard around the transport, longer than the sum of its own time-outs. Default 45,000. */
  readonly dialMs: number
  /** A guard around the transport's probe. Default 10,000. */
  readonly probeMs: number
  /** Failed attempts are forgotten this long after a welcome. Default 5,000. */
  readonly stableMs: number
  /** Silence before a ping, give or take a tenth. Default 25,000. */
  readonly pingAfterMs: number
  /** The longest time between two pings, whatever else arrives. Half of what a server allows at most. Default 45,000. */
  readonly pingEveryMs: number
  /** From a ping to its pong. Default 10,000. */
  readonly pongMs: number
  /** The same, when there is a reason to doubt the socket. Default 3,000. */
  readonly doubtMs: number
  /** Second retry: up to four times this. Default 500. */
  readonly backoffBaseMs: number
  /** No retry waits longer, unless the server asks for it. Default 30,000. */
  readonly backoffCapMs: number
  /** First retry: spread over this, until the server has named its own window. Default 2,000. */
  readonly firstWindowMs: number
  /** First retry right after the page woke up: spread over this. Default 250. */
  readonly wokeWindowMs: number
  /** For how long the page counts as just woken. Default 3,000. */
  readonly wokeForMs: number
  /** While the platform says that it is offline, only one attempt in this time. Default 30,000. */
  readonly offlineHoldMs: number
  /** A second frame that cannot be understood within this time is fatal. Default 60,000. */
  readonly brokenAgainMs: number
}

export const DEFAULT_TIMINGS: SessionTimings = {
  lostAfterMs: 5000,
  lingerMs: 10_000,
  handshakeMs: 10_000,
  dialMs: 45_000,
  probeMs: 10_000,
  stableMs: 5000,
  pingAfterMs: 25_000,
  pingEveryMs: 45_000,
  pongMs: 10_000,
  doubtMs: 3000,
  backoffBaseMs: 500,
  backoffCapMs: 30_000,
  firstWindowMs: 2000,
  wokeWindowMs: 250,
  wokeForMs: 3000,
  offlineHoldMs: 30_000,
  brokenAgainMs: 60_000,
}

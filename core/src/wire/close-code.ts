/**
 * Every close code, who sends it, and what the client does next:
 *
 *   retry   dial again after the jittered delay
 *   renew   fetch a new token and dial at once; the second in a row is `needs-auth`
 *   ask     stop until the application calls `resume()`; the status is `needs-auth`
 *   stop    stop until the application calls `resume()`; the status is `failed`
 *
 * Codes that are not listed (1000, 1001, 1005, 1006, 1011, 1013 …) are `retry`: browsers and partysocket report refused upgrades,
 * time-outs, frozen pages and token failures as a clean 1000, so none of them means anything. 4000–4099 are only sent by the client.
 */
export const CloseCode = {
  /** Client: no pong in time. */
  heartbeatMissed: 4000,
  /** Client: no welcome in time. */
  handshakeTimeout: 4001,
  /** Client: a request was not answered for 30 s. */
  silence: 4002,
  /** Client: a `changes` frame did not start at my position. */
  gap: 4003,
  /** Server: the socket's position belongs to another history, or memory and storage disagree. */
  restart: 1012,
  /** Server: frames that cannot be decoded, too many in a row; a protocol version out of range; a frame before hello. */
  protocol: 4400,
  /** Server: no valid credentials, or they expired. */
  unauthorized: 4401,
  /** Server: valid credentials, but not for this; or in-band credentials of somebody else. */
  forbidden: 4403,
  /** Server: no sign of life for 90 s. A client pings at least every 45 s. */
  helloTimeout: 4408,
  /** Server: the same client said hello on a newer socket. */
  superseded: 4409,
  /** Server: the reader is too slow, or the object is overloaded. */
  overloaded: 4429,
  /** Server: the object is not set up; its log names the fix. */
  misconfigured: 4500,
} as const

export type CloseAction = 'retry' | 'renew' | 'ask' | 'stop'

const ACTIONS: Readonly<Record<number, CloseAction>> = {
  [CloseCode.protocol]: 'stop',
  [CloseCode.unauthorized]: 'renew',
  [CloseCode.forbidden]: 'ask',
  // A page that was copied or restored shares its client id with its twin; each of them must not chase the other away for ever.
  [CloseCode.superseded]: 'stop',
  // 4408, 4429 and 4500 retry: a later attempt can succeed without anybody doing something in this browser.
}

export const closeAction = (code: number): CloseAction => ACTIONS[code] ?? 'retry'

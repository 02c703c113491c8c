const KB = 1024
const MB = 1024 * KB

/** Every limit of the protocol, in bytes, items or milliseconds. A server may lower or raise its own; the welcome names those in force. */
export interface Limits {
  /** Largest client frame, in UTF-8 bytes. */
  readonly frameBytes: number
  /** Largest hello, in UTF-8 bytes. */
  readonly helloBytes: number
  /** Subscriptions on one socket. */
  readonly subscriptions: number
  /** Writes in one push. */
  readonly itemsPerPush: number
  /** Row operations in one mutation. */
  readonly opsPerMutation: number
  /** Client ids declared on one socket. */
  readonly cidsPerHello: number
  /** Largest result of a command, in UTF-8 bytes of JSON. */
  readonly resultBytes: number
  /** Largest row, in bytes, as Cloudflare documents for SQLite in Durable Objects. */
  readonly rowBytes: number
  /** Stored outcomes of one client id before its mutations are answered `busy`. */
  readonly outcomesPerCid: number
  /** Bytes of stored outcomes of one client id before its mutations are answered `busy`. */
  readonly outcomeBytesPerCid: number
}

export const DEFAULT_LIMITS: Limits = {
  frameBytes: 1 * MB,
  helloBytes: 256 * KB,
  subscriptions: 256,
  itemsPerPush: 8192,
  opsPerMutation: 500,
  cidsPerHello: 64,
  resultBytes: 256 * KB,
  rowBytes: 2_000_000,
  outcomesPerCid: 1000,
  outcomeBytesPerCid: 1 * MB,
}

/** A `changes` frame or a chunk is cut at about this many bytes. */
export const FRAME_TARGET_BYTES = 256 * KB
/** One join request yields at most this many bytes of chunks. */
export const JOIN_ANSWER_BYTES = 4 * MB
/** A client acknowledges every so many received bytes, so that a server without `bufferedAmount` can tell a slow reader. */
export const ACK_EVERY_BYTES = 1 * MB
/** At the end of a pass that answers hello, and of a join, it acknowledges every so many: so that the server knows what is on its way to all. */
export const ACK_ANSWER_BYTES = 64 * KB
/** The largest token or claims text, in bytes. */
export const TOKEN_BYTES = 4 * KB

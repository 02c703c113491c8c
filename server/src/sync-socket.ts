import {
  ACK_EVERY_BYTES,
  CloseCode,
  encodeServerFrame,
  JOIN_ANSWER_BYTES,
  type Position,
  parsePosition,
  type Receipt,
  type ServerFrame,
} from '@durable-sync/core/wire'
import { RESERVED_ROOM } from './attachment-room.ts'
import { SubscriptionSet } from './subscription-set.ts'

const ATTACHMENT_VERSION = 2

/**
 * What the runtime keeps of a socket while the object sleeps, in at most 16 KB. `admit` leaves room for what comes after the claims (`attachment-room`),
 * and subscriptions are kept here only as long as they take none of it. A hello may still name longer client ids.
 */
interface Attachment {
  v: typeof ATTACHMENT_VERSION
  id: string
  client: string | null
  principal: string
  claims: unknown
  /** `to` of the last complete pass that was sent, written in the turn that sent it. Null before the first. */
  position: Position | null
  cids: string[]
  /** Subscriptions, as `subscription-store` writes them. */
  beside: string
  /** Which further subscriptions the table must hold for it: a storage that was restored may hold others. */
  joined: string
  openedAt: number
}

/** A browser may be given up on when this many bytes wait for it. */
export const MAX_BUFFERED_BYTES = 4 * 1024 * 1024
/** Where the runtime does not tell what waits: so many bytes sent beyond the last acknowledged one, for so long. */
const MAX_UNACKED_BYTES = 16 * 1024 * 1024
const OVERDUE_MS = 30_000
/** With less than this underway a socket gets the next answer. More than a client leaves unacknowledged. */
const ROOM_BYTES = 2 * ACK_EVERY_BYTES
/** What an author says to a client may have any length, the frame's field may not. */
const MAX_MESSAGE = 4000

/** One hibernating socket. Its attachment is the only memory of it that survives. */
export class SyncSocket {
  readonly #ws: WebSocket
  readonly #state: Attachment
  readonly #now: () => number
  /** Everything up to here is known not to concern this socket, though its position may be older. Only memory: a wake starts from the position. */
  scanned = 0
  readonly subs = new SubscriptionSet()
  readonly #receipts = new Map<string, Receipt>()
  /** About how many characters they have beside their numbers. */
  #receiptCharacters = 0
  /** Frames in a row that could not be understood. */
  strikes = 0
  /** How often credentials came in band: only the latest count. */
  credentials = 0
  /** How many of them are being looked at. */
  lookups = 0
  #sentBytes = 0
  #ackedBytes = 0
  #unackedSince: number | null = null
  #pulledBytes = 0
  #stuck = { bytes: 0, since: 0 }

  private constructor(ws: WebSocket, state: Attachment, now: () => number) {
    this.#ws = ws
    this.#state = state
    this.#now = now
  }

  static opened(ws: WebSocket, principal: string, claims: unknown, now: () => number): SyncSocket {
    const state: Attachment = {
      v: ATTACHMENT_VERSION,
      id: crypto.randomUUID(),
      client: null,
      principal,
      claims,
      position: null,
      cids: [],
      beside: '',
      joined: '',
      openedAt: now(),
    }
    const socket = new SyncSocket(ws, state, now)
    socket.save()
    return socket
  }

  /** A socket that outlived its instance, or null when its attachment is none of ours. */
  static restored(ws: WebSocket, now: () => number): SyncSocket | null {
    const state = ws.deserializeAttachment() as Attachment | null
    if (state?.v !== ATTACHMENT_VERSION) return null
    const socket = new SyncSocket(ws, state, now)
    socket.scanned = parsePosition(state.position ?? '')?.seq ?? 0
    return socket
  }

  get id(): string {
    return this.#state.id
  }
  get client(): string | null {
    return this.#state.client
  }
  get principal(): string {
    return this.#state.principal
  }
  get claims(): unknown {
    return this.#state.claims
  }
  get position(): Position | null {
    return this.#state.position
  }
  get cids(): readonly string[] {
    return this.#state.cids
  }
  get openedAt(): number {
    return this.#state.openedAt
  }
  /** False once either side has closed. A peer that never answers our close keeps its socket, and can still send. */
  get isOpen(): boolean {
    return this.#ws.readyState === WebSocket.READY_STATE_OPEN
  }
  /** Said hello and was welcomed. */
  get isWelcomed(): boolean {
    return this.#state.client !== null
  }

  /** When the runtime last answered its ping. */
  lastSign(ctx: DurableObjectState): number {
    return ctx.getWebSocketAutoResponseTimestamp(this.#ws)?.getTime() ?? this.#state.openedAt
  }

  welcome(client: string, cids: readonly string[]): void {
    this.#state.client = client
    this.#state.cids = [...cids]
  }

  declare(cids: readonly string[]): void {
    this.#state.cids = [...new Set([...this.#state.cids, ...cids])]
    this.save()
  }

  /** Another socket declared it last. */
  undeclare(cid: string): void {
    if (!this.#state.cids.includes(cid)) return
    this.#state.cids = this.#state.cids.filter((other) => other !== cid)
    this.save()
  }

  /** What the table holds of its subscriptions from now on: a mark of each. */
  stamp(marks: ReadonlyMap<number, string>): void {
    this.#state.joined = stampOf(marks)
    this.save()
  }

  /** The table holds what it held when this socket was last served. */
  hasStamp(marks: ReadonlyMap<number, string>): boolean {
    return this.#state.joined === stampOf(marks)
  }

  /** Subscriptions that are kept with this socket. */
  get beside(): string {
    return this.#state.beside
  }

  /** Keeps `text` instead of what was kept, or returns false: there is no room that nothing else may need. */
  keepBeside(text: string): boolean {
    if (!this.#hasRoomFor({ beside: text })) return false
    this.leaveBeside(text)
    return true
  }

  /** Keeps no more than `text` of what was kept. */
  leaveBeside(text: string): void {
    this.#state.beside = text
    this.save()
  }

  /** False: subscriptions that are kept with this socket leave no room for them, and nothing has changed. */
  setClaims(claims: unknown): boolean {
    if (this.#state.beside !== '' && !this.#hasRoomFor({ claims })) return false
    this.#state.claims = claims
    this.save()
    return true
  }

  /** Asks the runtime, which keeps the old attachment where it refuses the new one. Whoever asks saves. */
  #hasRoomFor(change: Partial<Attachment>): boolean {
    try {
      this.#ws.serializeAttachment({ ...this.#state, ...change, reserved: RESERVED_ROOM })
      return true
    } catch {
      return false
    }
  }

  /** In the same synchronous turn as the frame that says it. */
  moveTo(position: Position, seq: number): void {
    this.#state.position = position
    this.scanned = seq
    this.save()
  }

  /** What cannot be kept must not be relied on: after a sleep the object would go on from an older state of this socket. */
  save(): void {
    try {
      this.#ws.serializeAttachment(this.#state)
    } catch {
      // A socket that is gone keeps nothing either; its close is on the way.
      if (!this.isOpen) return
      // When it comes back there will be less room for subscriptions from the start.
      if (this.#state.beside !== '') this.restart('there is no room for what is kept of this connection')
      else this.close(CloseCode.misconfigured, tooMuch(this.#state))
    }
  }

  nextCredentials(): number {
    this.credentials++
    return this.credentials
  }

  /** What the next flush tells. A number that is asked for often in one turn is answered once: its outcome may be large. */
  addReceipt(receipt: Receipt): void {
    this.#receipts.set(`${receipt.n} ${receipt.cid}`, receipt)
    const { outcome } = receipt
    if (outcome.is === 'rejected' || (outcome.is === 'committed' && outcome.result !== undefined))
      this.#receiptCharacters += JSON.stringify(outcome).length
  }

  /** Whether more receipts would make the next flush larger than an answer may be. */
  get hasManyReceipts(): boolean {
    return this.#receiptCharacters > JOIN_ANSWER_BYTES
  }

  hasReceipt(cid: string, n: number): boolean {
    return this.#receipts.has(`${n} ${cid}`)
  }

  get hasReceipts(): boolean {
    return this.#receipts.size > 0
  }

  takeReceipts(): Receipt[] {
    const receipts = [...this.#receipts.values()]
    this.#receipts.clear()
    this.#receiptCharacters = 0
    return receipts
  }

  send(frame: ServerFrame): void {
    this.sendText(encodeServerFrame(frame))
  }

  /** A socket that is closing takes nothing and says nothing. */
  sendText(text: string): void {
    try {
      this.#ws.send(text)
    } catch {
      return
    }
    this.#sentBytes += text.length
    if (this.#sentBytes - this.#ackedBytes > MAX_UNACKED_BYTES) this.#unackedSince ??= this.#now()
  }

  /** The peer has said so: so many bytes have arrived, or everything so far. */
  acked(bytes = this.#sentBytes): void {
    this.#ackedBytes = Math.min(bytes, this.#sentBytes)
    if (this.#sentBytes - this.#ackedBytes <= MAX_UNACKED_BYTES) this.#unackedSince = null
  }

  /** Bytes that wait for the peer, undefined where the runtime does not say. */
  get #buffered(): number | undefined {
    return (this.#ws as { bufferedAmount?: number }).bufferedAmount
  }

  /** Sends what the peer asked for. It is not held against it that this takes its time. */
  sendPulled(text: string): void {
    const before = this.#buffered ?? 0
    this.sendText(text)
    this.#pulledBytes += (this.#buffered ?? 0) - before
  }

  /** Bytes on their way to the peer: what the runtime says or, for want of that, what was not acknowledged. */
  get underway(): number {
    return this.#buffered ?? this.#sentBytes - this.#ackedBytes
  }

  /** All bytes so far. */
  get sentBytes(): number {
    return this.#sentBytes
  }

  /** As many of them as the peer has said it has. What the runtime says has left is more: the network and the system hold some, too. */
  get ackedBytes(): number {
    return this.#ackedBytes
  }

  /** Whether the peer may be sent more of what it asked for. */
  get hasRoom(): boolean {
    if (this.underway > ROOM_BYTES) return false
    this.#pulledBytes = 0
    return true
  }

  /** Nothing has left for so long that nothing will. To be asked again and again while there is no room. */
  get isStuck(): boolean {
    const bytes = this.underway
    if (bytes !== this.#stuck.bytes) this.#stuck = { bytes, since: this.#now() }
    return this.#now() - this.#stuck.since > OVERDUE_MS
  }

  get isTooSlow(): boolean {
    const buffered = this.#buffered
    if (buffered !== undefined) return buffered > MAX_BUFFERED_BYTES + this.#pulledBytes
    return this.#unackedSince !== null && this.#now() - this.#unackedSince > OVERDUE_MS
  }

  /** Says goodbye, because close codes get lost on the way, and closes. */
  close(code: number, message: string, retryAfterMs?: number): void {
    const says = message.slice(0, MAX_MESSAGE)
    this.send({
      type: 'goodbye',
      code,
      message: says,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    })
    try {
      // At most 123 bytes are allowed; outside ASCII a character has more than one.
      this.#ws.close(code, message.replace(/[^ -~]/g, '?').slice(0, 120))
    } catch {
      // Closed already.
    }
  }

  /** Answers the peer's close: without it the peer waits in CLOSING. 1005 and 1006 must not be sent. */
  finishClose(code: number): void {
    try {
      this.#ws.close(code === 1005 || code === 1006 || code === 1015 ? 1000 : code)
    } catch {
      // Closed already.
    }
  }

  /** A client has one socket: an older one is a connection that it has already given up, or a copy of its page. */
  supersede(): void {
    this.close(CloseCode.superseded, 'the same client said hello on a newer socket')
  }

  restart(message: string): void {
    this.close(CloseCode.restart, message)
  }
}

const tooMuch = ({ claims, cids, joined }: Attachment): string =>
  `more than 16 KB would have to be kept of this connection: claims of ${JSON.stringify(claims).length} characters, ${cids.length} client ids, ${joined === '' ? 0 : joined.split(' ').length} subscriptions`

const stampOf = (marks: ReadonlyMap<number, string>): string =>
  [...marks]
    .sort(([a], [b]) => a - b)
    .map(([sub, mark]) => `${sub}:${mark}`)
    .join(' ')

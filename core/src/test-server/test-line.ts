import { ConnectionError } from '../errors.ts'
import type { OpenRequest, Transport, TransportListener } from '../transport/transport.ts'
import {
  type Block,
  type ChangesFrame,
  type ClientFrame,
  DEFAULT_LIMITS,
  decodeClientFrame,
  decodeServerFrame,
  encodeServerFrame,
  type HelloFrame,
  type JoinFrame,
  type NarrowFrame,
  type PageFrame,
  PING,
  PONG,
  type PushFrame,
  parsePosition,
  type Receipt,
  type RefusalCode,
  type ServerFrame,
  type SubscriptionSpec,
} from '../wire/index.ts'
import type { Served, TestRoom } from './test-room.ts'

/** Of all rows: no table is ever rebuilt. */
export const SHAPE = 's'

/**
 * The way of one client to an object in memory, as a transport: frames are encoded, checked, and handed over in microtasks, as a socket would.
 * It speaks the protocol well, and badly where a test says so.
 */
export class TestLine implements Transport {
  /** Every frame of the client, on all sockets. */
  readonly heard: ClientFrame[] = []
  /** A frame for which this is false is kept back until `release`, and so is everything after it. */
  passes: (frame: ServerFrame) => boolean = () => true
  /** Whether there is a network. */
  reaches: () => boolean = () => true
  /** Joins are answered when `release` is called. */
  joins: 'answered' | 'kept' = 'answered'
  /** What hello is answered with instead of a resume. */
  reset: 'lineage' | 'pruned' | undefined
  limits = DEFAULT_LIMITS
  /** A join of this is refused with the code. */
  refuses: (spec: SubscriptionSpec) => RefusalCode | undefined = () => undefined
  /** Who the client is to the object. */
  principal = 'me'
  readonly joined = new Map<number, Served>()
  readonly #room: TestRoom
  #at: number | null = null
  #held: ServerFrame[] = []
  #keptJoins: JoinFrame[] = []
  #listener: TransportListener | undefined
  #leave = () => {}
  #socket = 0

  constructor(room: TestRoom) {
    this.#room = room
  }

  get isOpen(): boolean {
    return this.#socket !== 0
  }

  attach(listener: TransportListener): void {
    this.#listener = listener
  }

  detach(): void {
    this.#listener = undefined
    this.#end()
  }

  open({ socket }: OpenRequest): void {
    this.#end()
    if (!this.reaches()) {
      const cause = new ConnectionError('unreachable', 'There is no network in this test')
      queueMicrotask(() => this.#listener?.onClose(socket, { is: 'unreachable', cause }))
      return
    }
    this.#socket = socket
    this.#leave = this.#room.listen(this)
    queueMicrotask(() => this.#socket === socket && this.#listener?.onOpen(socket))
  }

  send(socket: number, text: string): boolean {
    if (socket !== this.#socket) return false
    if (text === PING) {
      queueMicrotask(() => this.#listener?.onMessage(socket, PONG))
      return true
    }
    const frame = decodeClientFrame(text, this.limits)
    this.heard.push(frame)
    queueMicrotask(() => socket === this.#socket && this.#answer(frame))
    return true
  }

  close(socket: number): void {
    if (socket === this.#socket) this.#end()
  }

  /** The network fails: the socket is gone, and so is what was held back. */
  drop(): void {
    const socket = this.#socket
    this.#end()
    if (socket !== 0) this.#listener?.onClose(socket, { is: 'closed', code: 1006, reason: '' })
  }

  /** Sends what was kept back, in order, as far as it passes. */
  release(): void {
    this.joins = 'answered'
    for (const frame of this.#keptJoins.splice(0)) this.#join(frame)
    for (const frame of this.#held.splice(0)) this.say(frame)
  }

  /** Says `frame` on the current socket. */
  say(frame: ServerFrame): void {
    if (!this.passes(frame) || this.#held.length > 0) {
      this.#held.push(frame)
      return
    }
    this.sayNow(frame)
  }

  /** Says `frame` before whatever is kept back. */
  sayNow(frame: ServerFrame): void {
    const socket = this.#socket
    const text = encodeServerFrame(frame)
    decodeServerFrame(text)
    queueMicrotask(() => socket === this.#socket && this.#listener?.onMessage(socket, text))
  }

  /** Sends the changes since the last flush to the joined subscriptions. */
  flush(settled: readonly Receipt[] = []): void {
    const { seq } = this.#room
    if (this.#at === null || (this.#at === seq && settled.length === 0)) return
    const from = this.#at
    this.#at = seq
    this.say(this.#changes(from, { ...(settled.length > 0 ? { settled } : {}) }))
  }

  /** The subscriptions of a table end; the client asks anew. */
  restart(table: string): void {
    for (const [sub, { spec }] of this.joined) {
      if (spec.collection !== table) continue
      this.joined.delete(sub)
      this.say({ type: 'restart', sub, reason: 'requested' })
    }
  }

  /** Nobody is at the other end. */
  #end(): void {
    this.#leave()
    this.#leave = () => {}
    this.#socket = 0
    this.#held = []
    this.#keptJoins = []
    this.joined.clear()
    this.#at = null
  }

  #changes(from: number, extra: Partial<ChangesFrame>): ChangesFrame {
    const room = this.#room
    const tables: Record<string, Block> = {}
    const served = [...this.joined.values()]
    for (const table of new Set(served.map(({ spec }) => spec.collection))) {
      const own = served.filter(({ spec }) => spec.collection === table)
      const rows = room.table(table)
      const keys = room.changedSince(table, from)
      const up = keys.filter((key) => {
        const row = rows.get(key)
        return row !== undefined && own.some((each) => room.isOf(each, row))
      })
      const del = keys.filter((key) => !up.includes(key))
      if (keys.length > 0) tables[table] = { ...room.block(table, up), del }
    }
    return { type: 'changes', from: room.position(from), to: room.head, tables, ...extra }
  }

  #answer(frame: ClientFrame): void {
    if (frame.type === 'hello') this.#welcome(frame)
    else if (frame.type === 'join' && this.joins === 'kept') this.#keptJoins.push(frame)
    else if (frame.type === 'join') this.#join(frame)
    else if (frame.type === 'leave') this.#left(frame.sub)
    else if (frame.type === 'page') this.#page(frame)
    else if (frame.type === 'narrow') this.#narrow(frame)
    else if (frame.type === 'push') this.#push(frame)
  }

  #welcome({ at, cids, subs }: HelloFrame): void {
    const room = this.#room
    const reset = at === null ? undefined : this.reset
    this.reset = undefined
    const resumed = subs.filter(({ joined }) => joined && !reset)
    for (const { id, boundary = null, ...spec } of resumed) this.joined.set(id, { spec, boundary })
    const from = at === null || reset ? null : (parsePosition(at)?.seq ?? null)
    this.say({
      type: 'welcome',
      v: 1,
      object: 'room',
      principal: this.principal,
      now: Date.now(),
      reconnectWindowMs: 1,
      ...(reset ? { reset } : {}),
      cids: cids.map(({ cid }) => {
        const known = room.cids.get(cid)
        return { cid, is: known ? 'known' : 'unknown', last: known?.last ?? 0 } as const
      }),
      subs: subs.map(({ id, joined }) => ({ id, is: joined && !reset ? 'resume' : 'restart' }) as const),
      limits: this.limits,
    })
    const settled = cids.flatMap(({ cid }) =>
      [...(room.cids.get(cid)?.outcomes ?? [])].map(([n, outcome]) => ({ cid, n, outcome })),
    )
    const pass = this.#changes(from ?? room.seq, { live: true, settled })
    this.#at = room.seq
    this.say(from === null ? { ...pass, from: null } : pass)
  }

  #join({ sub, join, ...spec }: JoinFrame): void {
    const room = this.#room
    this.flush()
    const code = this.refuses(spec)
    if (code) {
      this.say({ type: 'refused', re: 'join', join, code, message: `refused with ${code}` })
      return
    }
    const { collection, window } = spec
    const served: Served = { spec, boundary: null }
    const all = room.rowsAfter(served, null)
    const rows = window ? all.slice(0, window.limit) : all
    const last = rows.at(-1)
    if (window && last && rows.length < all.length)
      served.boundary = room.placeOf(collection, window.order, last)
    const keys = rows.map((row) => room.keyOf(collection, row))
    if (rows.length > 0) this.say({ type: 'chunk', join, ...room.block(collection, keys) })
    this.joined.set(sub, served)
    const [key, kinds] = [room.keyColumn(collection), room.kinds[collection] ?? {}]
    const end = { type: 'joined', join, at: room.head, replace: true, shape: SHAPE, key, kinds } as const
    this.say(window ? { ...end, boundary: served.boundary } : end)
  }

  #left(sub: number): void {
    this.joined.delete(sub)
    this.#keptJoins = this.#keptJoins.filter((join) => join.sub !== sub)
  }

  #page({ request, sub, after, limit }: PageFrame): void {
    const room = this.#room
    this.flush()
    const served = this.joined.get(sub)
    const order = served?.spec.window?.order
    if (!served || !order) {
      const refusal = {
        type: 'refused',
        re: 'page',
        code: 'unknown-subscription',
        message: 'unknown',
      } as const
      this.say({ ...refusal, request })
      return
    }
    const { collection } = served.spec
    const left = room.rowsAfter(served, after)
    const rows = left.slice(0, limit)
    const last = rows.at(-1)
    served.boundary = last && rows.length < left.length ? room.placeOf(collection, order, last) : null
    const keys = rows.map((row) => room.keyOf(collection, row))
    this.say({ type: 'page', request, boundary: served.boundary, ...room.block(collection, keys) })
  }

  #narrow({ sub, boundary }: NarrowFrame): void {
    const served = this.joined.get(sub)
    if (served) served.boundary = boundary
  }

  #push({ items }: PushFrame): void {
    const settled: Receipt[] = []
    for (const item of items) {
      const { cid, n } = item
      const outcome = this.#room.outcomeOf(item)
      if (outcome) settled.push({ cid, n, outcome })
      else {
        const refusal = { type: 'refused', re: 'push', code: 'gap', message: 'gap' } as const
        this.say({ ...refusal, cid, n, expected: this.#room.expected(cid) })
      }
    }
    if (settled.length > 0) this.flush(settled)
    this.#room.announce()
  }
}

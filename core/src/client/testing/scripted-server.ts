import type { OpenRequest, Transport, TransportListener } from '../../transport/transport.ts'
import {
  type Block,
  type Cell,
  type ChangesFrame,
  type ClientFrame,
  DEFAULT_LIMITS,
  decodeClientFrame,
  decodeServerFrame,
  encodeServerFrame,
  formatPosition,
  type HelloFrame,
  type JoinFrame,
  type Kinds,
  type NarrowFrame,
  type OrderTerm,
  type Outcome,
  type PageFrame,
  PING,
  type Place,
  PONG,
  type Position,
  type PushFrame,
  type PushItem,
  parsePosition,
  placeComparator,
  type Receipt,
  type RefusalCode,
  rowMatcher,
  type ServerFrame,
  type SubscriptionSpec,
  type WireValue,
} from '../../wire/index.ts'

type Row = Readonly<Record<string, Cell>>

function cellOf(value: WireValue): Cell {
  if (typeof value === 'boolean') return value ? 1 : 0
  if (value === null || typeof value !== 'object') return value
  if ('date' in value) return value.date
  if ('json' in value) return JSON.stringify(value.json)
  if ('num' in value) return value.num === 'Infinity' ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY
  return value
}

const keyOf = (row: Row): string => String(row.id)
const placeOf = (order: readonly OrderTerm[], row: Row): Place => [
  ...order.map(({ column }) => row[column] ?? null),
  keyOf(row),
]

/** A subscription as the object keeps it: what it shows, and where its window ends. */
interface Served {
  readonly spec: SubscriptionSpec
  boundary: Place | null
}

/**
 * An object in memory that speaks the protocol well enough to drive a client, and badly where a test says so. It is also the transport:
 * frames are encoded, checked and handed over in microtasks, as a socket would.
 */
export class ScriptedServer implements Transport {
  /** Every frame of the client, on all sockets. */
  readonly heard: ClientFrame[] = []
  readonly tables = new Map<string, Map<string, Row>>()
  readonly kinds: Record<string, Kinds> = {}
  /** What becomes of an item; by default its operations are run. May throw a rejection. */
  run: (item: PushItem, server: ScriptedServer) => Outcome = (item, server) => server.execute(item)
  /** A frame for which this is false is kept back until `release`, and so is everything after it. */
  passes: (frame: ServerFrame) => boolean = () => true
  /** Joins are answered when `release` is called. */
  joins: 'answered' | 'kept' = 'answered'
  /** What hello is answered with instead of a resume. */
  reset: 'lineage' | 'pruned' | undefined
  limits = DEFAULT_LIMITS
  /** A join of this is refused with the code. */
  refuses: (spec: SubscriptionSpec) => RefusalCode | undefined = () => undefined
  era = 'a'
  readonly cids = new Map<string, { last: number; outcomes: Map<number, Outcome> }>()
  #log: { seq: number; table: string; key: string }[] = []
  #seq = 0
  #at: number | null = null
  readonly joined = new Map<number, Served>()
  #held: ServerFrame[] = []
  #keptJoins: JoinFrame[] = []
  #listener: TransportListener | undefined
  #socket = 0

  attach(listener: TransportListener): void {
    this.#listener = listener
  }

  detach(): void {
    this.#listener = undefined
  }

  open({ socket }: OpenRequest): void {
    this.#socket = socket
    this.#held = []
    this.#keptJoins = []
    this.joined.clear()
    this.#at = null
    queueMicrotask(() => this.#socket === socket && this.#listener?.onOpen(socket))
  }

  send(socket: number, text: string): boolean {
    if (socket !== this.#socket) return false
    if (text === PING) {
      queueMicrotask(() => this.#listener?.onMessage(socket, PONG))
      return true
    }
    const frame = decodeClientFrame(text)
    this.heard.push(frame)
    queueMicrotask(() => socket === this.#socket && this.#answer(frame))
    return true
  }

  close(socket: number): void {
    if (socket === this.#socket) this.#socket = 0
  }

  /** The network fails: the socket is gone, and so is what was held back. */
  drop(): void {
    const socket = this.#socket
    this.#socket = 0
    this.#listener?.onClose(socket, { is: 'closed', code: 1006, reason: '' })
  }

  /** Sends what was kept back, in order, and keeps nothing back any more. */
  release(): void {
    this.passes = () => true
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

  get head(): Position {
    return this.position(this.#seq)
  }

  position(seq: number): Position {
    return formatPosition({ seq, nonce: this.era, object: 'room' })
  }

  table(name: string): Map<string, Row> {
    const known = this.tables.get(name)
    if (known) return known
    const made = new Map<string, Row>()
    this.tables.set(name, made)
    return made
  }

  put(table: string, row: Row): void {
    this.table(table).set(String(row.id), row)
    this.#log.push({ seq: ++this.#seq, table, key: String(row.id) })
  }

  remove(table: string, key: string): void {
    this.table(table).delete(key)
    this.#log.push({ seq: ++this.#seq, table, key })
  }

  /** Sends the changes since the last flush to the joined subscriptions. */
  flush(settled: readonly Receipt[] = []): void {
    if (this.#at === null || (this.#at === this.#seq && settled.length === 0)) return
    const from = this.#at
    this.#at = this.#seq
    this.say(this.#changes(from, { ...(settled.length > 0 ? { settled } : {}) }))
  }

  execute(item: PushItem): Outcome {
    if (item.do !== 'mutate') return { is: 'committed', result: item.do === 'call' ? item.args : undefined }
    for (const { collection, type, key, cols = {} } of item.ops) {
      if (type === 'delete') this.remove(collection, key)
      else {
        const before = type === 'update' ? this.table(collection).get(key) : {}
        const cells = Object.entries(cols).map(([column, value]) => [column, cellOf(value)])
        this.put(collection, { ...before, ...Object.fromEntries(cells), id: key })
      }
    }
    return { is: 'committed' }
  }

  block(table: string, keys: Iterable<string>): Block {
    const rows = this.table(table)
    const present = [...keys].map((key) => rows.get(key)).filter((row) => row !== undefined)
    const cols = [...new Set(present.flatMap((row) => Object.keys(row)))]
    return {
      cols,
      up: present.map((row) => cols.map((column) => row[column] ?? null)),
      del: [...keys].filter((key) => !rows.has(key)),
    }
  }

  #matches({ spec, boundary }: Served, row: Row): boolean {
    const { collection, where, window } = spec
    const cols = Object.keys(row)
    const cells = Object.values(row)
    if (where && !rowMatcher(where, cols, this.kinds[collection] ?? {})(cells)) return false
    return !window || !boundary || placeComparator(window.order)(placeOf(window.order, row), boundary) <= 0
  }

  #changes(from: number, extra: Partial<ChangesFrame>): ChangesFrame {
    const tables: Record<string, Block> = {}
    const served = [...this.joined.values()]
    for (const table of new Set(served.map(({ spec }) => spec.collection))) {
      const own = served.filter(({ spec }) => spec.collection === table)
      const dirty = new Set(
        this.#log.filter((row) => row.table === table && row.seq > from).map(({ key }) => key),
      )
      const rows = this.table(table)
      const keys = [...dirty]
      const up = keys.filter((key) => {
        const row = rows.get(key)
        return row !== undefined && own.some((each) => this.#matches(each, row))
      })
      const del = keys.filter((key) => !up.includes(key))
      if (keys.length > 0) tables[table] = { ...this.block(table, up), del }
    }
    return { type: 'changes', from: this.position(from), to: this.head, tables, ...extra }
  }

  #answer(frame: ClientFrame): void {
    if (frame.type === 'hello') this.#welcome(frame)
    else if (frame.type === 'join' && this.joins === 'kept') this.#keptJoins.push(frame)
    else if (frame.type === 'join') this.#join(frame)
    else if (frame.type === 'leave') this.#leave(frame.sub)
    else if (frame.type === 'page') this.#page(frame)
    else if (frame.type === 'narrow') this.#narrow(frame)
    else if (frame.type === 'push') this.#push(frame)
  }

  #welcome({ at, cids, subs }: HelloFrame): void {
    const reset = at === null ? undefined : this.reset
    this.reset = undefined
    const resumed = subs.filter(({ joined }) => joined && !reset)
    for (const { id, boundary = null, ...spec } of resumed) this.joined.set(id, { spec, boundary })
    const from = at === null || reset ? null : (parsePosition(at)?.seq ?? null)
    this.say({
      type: 'welcome',
      v: 1,
      object: 'room',
      principal: 'me',
      now: Date.now(),
      reconnectWindowMs: 1,
      ...(reset ? { reset } : {}),
      cids: cids.map(({ cid }) => {
        const known = this.cids.get(cid)
        return { cid, is: known ? 'known' : 'unknown', last: known?.last ?? 0 } as const
      }),
      subs: subs.map(({ id, joined }) => ({ id, is: joined && !reset ? 'resume' : 'restart' }) as const),
      limits: this.limits,
    })
    const settled = cids.flatMap(({ cid }) =>
      [...(this.cids.get(cid)?.outcomes ?? [])].map(([n, outcome]) => ({ cid, n, outcome })),
    )
    const pass = this.#changes(from ?? this.#seq, { live: true, settled })
    this.#at = this.#seq
    this.say(from === null ? { ...pass, from: null } : pass)
  }

  #join({ sub, join, ...spec }: JoinFrame): void {
    this.flush()
    const code = this.refuses(spec)
    if (code) {
      this.say({ type: 'refused', re: 'join', join, code, message: `refused with ${code}` })
      return
    }
    const { collection, window } = spec
    const served: Served = { spec, boundary: null }
    const all = this.#after(served, null)
    const rows = window ? all.slice(0, window.limit) : all
    const last = rows.at(-1)
    if (window && last && rows.length < all.length) served.boundary = placeOf(window.order, last)
    if (rows.length > 0) this.say({ type: 'chunk', join, ...this.block(collection, rows.map(keyOf)) })
    this.joined.set(sub, served)
    const kinds = this.kinds[collection] ?? {}
    const end = { type: 'joined', join, at: this.head, replace: true, shape: 's', key: 'id', kinds } as const
    this.say(window ? { ...end, boundary: served.boundary } : end)
  }

  /** Rows of the subscription's filter, in its order, behind a place. */
  #after({ spec }: Served, after: Place | null): Row[] {
    const { collection, window } = spec
    const rows = [...this.table(collection).values()].filter((row) =>
      this.#matches({ spec, boundary: null }, row),
    )
    if (!window) return rows
    const compare = placeComparator(window.order)
    const place = (row: Row) => placeOf(window.order, row)
    return rows
      .filter((row) => after === null || compare(place(row), after) > 0)
      .sort((a, b) => compare(place(a), place(b)))
  }

  #leave(sub: number): void {
    this.joined.delete(sub)
    this.#keptJoins = this.#keptJoins.filter((join) => join.sub !== sub)
  }

  #page({ request, sub, after, limit }: PageFrame): void {
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
    const left = this.#after(served, after)
    const rows = left.slice(0, limit)
    const last = rows.at(-1)
    served.boundary = last && rows.length < left.length ? placeOf(order, last) : null
    const block = this.block(served.spec.collection, rows.map(keyOf))
    this.say({ type: 'page', request, boundary: served.boundary, ...block })
  }

  #narrow({ sub, boundary }: NarrowFrame): void {
    const served = this.joined.get(sub)
    if (served) served.boundary = boundary
  }

  #push({ items }: PushFrame): void {
    const settled: Receipt[] = []
    for (const item of items) {
      const { cid, n } = item
      const lane = this.cids.get(cid) ?? { last: 0, outcomes: new Map<number, Outcome>() }
      this.cids.set(cid, lane)
      if (n > lane.last + 1) {
        const refusal = { type: 'refused', re: 'push', code: 'gap', message: 'gap' } as const
        this.say({ ...refusal, cid, n, expected: lane.last + 1 })
        continue
      }
      if (n === lane.last + 1) {
        lane.last = n
        const outcome = this.run(item, this)
        if (outcome.is === 'rejected' || (outcome.is === 'committed' && outcome.result !== undefined)) {
          lane.outcomes.set(n, outcome)
        }
      }
      settled.push({ cid, n, outcome: lane.outcomes.get(n) ?? { is: 'committed' } })
    }
    if (settled.length > 0) this.flush(settled)
  }
}

import type { Limits, Place, RefusalCode, SubscriptionSpec } from '@durable-sync/core/wire'
import type { LiveSubscription, RowFilter, Terms } from './live-subscription.ts'
import type { ReadingTerms } from './reading-terms.ts'
import { isRefusal, type Refusal } from './refusal.ts'
import { type KeptSpec, SubscriptionStore } from './subscription-store.ts'
import type { SyncSocket } from './sync-socket.ts'

export interface SubscriptionsHost {
  readonly sql: SqlStorage
  readonly reading: ReadingTerms
  readonly limits: Limits
}

/** Joined subscriptions, in memory by socket and in a store, so that a sleeping object's sockets keep theirs. Joining ones are not stored. */
export class Subscriptions {
  readonly #host: SubscriptionsHost
  readonly #store: SubscriptionStore

  constructor(host: SubscriptionsHost) {
    this.#host = host
    this.#store = new SubscriptionStore(host.sql)
  }

  /** On what terms `spec` is served on this socket, or why it is not. */
  admit(spec: SubscriptionSpec, socket: SyncSocket, sub: number): Terms | Refusal {
    const { reading, limits } = this.#host
    const tooMany = (most: string): Refusal => ({
      code: 'too-many-subscriptions',
      message: `${most} are allowed on one socket`,
    })
    if (!socket.subs.has(sub) && socket.subs.size >= limits.subscriptions)
      return tooMany(`${limits.subscriptions} subscriptions`)
    const terms = reading.of(spec, socket.claims)
    if (isRefusal(terms)) return terms
    // More than a hello could say again would never be resumed.
    const others = socket.subs.entries().reduce((sum, [n, { size }]) => sum + (n === sub ? 0 : size), 0)
    return others + terms.size > limits.helloBytes
      ? tooMany(`filters of ${limits.helloBytes} characters`)
      : terms
  }

  /** It has joined. `boundary` is a window's; null for every other subscription. */
  add(socket: SyncSocket, sub: number, terms: Terms, boundary: Place | null): void {
    const live = { ...terms, boundary }
    socket.subs.set(sub, live)
    this.#keep(socket, sub, live)
  }

  /** A window has grown, or ends elsewhere. */
  extend(socket: SyncSocket, sub: number, live: LiveSubscription, boundary: Place | null): void {
    const moved = { ...live, boundary }
    socket.subs.set(sub, moved)
    this.#keep(socket, sub, moved)
  }

  /** A window has shrunk. Only memory: after a wake its client is sent what it no longer wants, and ignores it, which costs no row written. */
  narrow(socket: SyncSocket, sub: number, live: LiveSubscription, boundary: Place): void {
    const wider = live.boundary === null || (live.order?.compare(boundary, live.boundary) ?? 0) < 0
    if (wider) socket.subs.set(sub, { ...live, boundary })
  }

  #keep(socket: SyncSocket, sub: number, live: LiveSubscription): void {
    const { collection, shape, where, window, boundary } = live
    this.#store.put(socket, sub, {
      collection,
      shape,
      ...(where ? { where } : {}),
      ...(window ? { window, boundary } : {}),
    })
  }

  remove(socket: SyncSocket, sub: number): void {
    if (socket.subs.has(sub)) this.#forget(socket, sub)
  }

  #forget(socket: SyncSocket, sub: number): void {
    socket.subs.delete(sub)
    this.#store.delete(socket, sub)
  }

  removeAll(socket: SyncSocket): void {
    const had = socket.subs.size > 0
    socket.subs.clear()
    if (had) this.#store.clear(socket)
  }

  /** After a wake: gives each socket its subscriptions back. One that cannot be served as it was is told, and only that one. */
  restore(sockets: ReadonlyMap<string, SyncSocket>): void {
    const stale: (() => void)[] = []
    for (const [socket, sub, { boundary = null, ...was }] of this.#store.read(sockets)) {
      const terms = this.#host.reading.of(was, socket.claims)
      if (isRefusal(terms)) stale.push(() => this.refuse(socket, sub, terms.code, goneMessage(terms, was)))
      else if (terms.shape !== was.shape) stale.push(() => this.restart(socket, sub, 'shape'))
      else socket.subs.set(sub, { ...terms, boundary })
    }
    // The storage was restored under a sleeping socket, to a moment at which it showed something else: nothing would be sent to it.
    for (const socket of sockets.values())
      if (socket.isWelcomed && !this.#store.isWhole(socket))
        socket.restart('the subscriptions are of another moment')
    for (const tell of stale) tell()
  }

  /** What is kept with this socket has become too much: its subscriptions go into the table. */
  makeRoom(socket: SyncSocket): void {
    this.#store.intoTable(socket)
  }

  /** The claims of this socket are others now: what its user may read has perhaps changed. */
  reconsider(socket: SyncSocket): void {
    for (const [sub, live] of socket.subs.entries()) {
      const { collection, where, window } = live
      const spec = { collection, ...(where ? { where } : {}), ...(window ? { window } : {}) }
      const terms = this.#host.reading.of(spec, socket.claims)
      if (isRefusal(terms)) this.refuse(socket, sub, terms.code, terms.message)
      else if (terms.shape !== live.shape) this.restart(socket, sub, 'shape')
    }
  }

  restart(socket: SyncSocket, sub: number, reason: 'shape' | 'requested'): void {
    this.#forget(socket, sub)
    socket.send({ type: 'restart', sub, reason })
  }

  refuse(socket: SyncSocket, sub: number, code: RefusalCode, message: string): void {
    this.#forget(socket, sub)
    socket.send({ type: 'refused', re: 'subscription', sub, code, message })
  }

  /** The rows of a table, or of one filter of it, cannot be read: whoever shows them is told, everybody else goes on. */
  refuseUnreadable(sockets: Iterable<SyncSocket>, table: string, filter?: RowFilter): void {
    for (const socket of sockets)
      for (const [sub, live] of socket.subs.entries())
        if (live.collection === table && (filter === undefined || live.filter === filter))
          this.refuse(socket, sub, 'internal', `"${table}" cannot be read`)
  }

  /** Forgets subscriptions of sockets that are gone without a close. */
  sweep(live: Iterable<SyncSocket>): void {
    this.#store.sweep(live)
  }
}

const goneMessage = ({ code, message }: Refusal, { collection }: KeptSpec): string =>
  code === 'unknown-collection' ? `the collection "${collection}" is gone` : message

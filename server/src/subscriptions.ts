import type { RefusalCode, SubscriptionSpec } from '@durable-sync/core/wire'
import type { SyncSocket } from './sync-socket.ts'
import type { TableSchema } from './table-schema.ts'

/** What is stored of a joined subscription: enough to serve it after the object slept. */
interface StoredSpec {
  readonly collection: string
  readonly shape: string
}

export interface Refusal {
  readonly code: RefusalCode
  readonly message: string
}

export interface SubscriptionsHost {
  readonly sql: SqlStorage
  readonly schemas: ReadonlyMap<string, TableSchema>
  /** The token under which rows of a table are held: schema, kinds, generation. */
  shapeOf(table: string): string
  readonly maxPerSocket: number
}

/** Joined subscriptions, in memory by socket and in a table, so that a sleeping object's sockets keep theirs. Joining ones are not stored. */
export class Subscriptions {
  readonly #host: SubscriptionsHost

  constructor(host: SubscriptionsHost) {
    this.#host = host
  }

  /** Why `spec` cannot be served, or null when it can. */
  refusal(spec: SubscriptionSpec, socket: SyncSocket, sub: number): Refusal | null {
    const { schemas, maxPerSocket } = this.#host
    if (!schemas.has(spec.collection))
      return { code: 'unknown-collection', message: `there is no collection "${spec.collection}"` }
    if (spec.where !== undefined)
      return { code: 'predicate-unsupported', message: 'this server does not serve filtered subscriptions' }
    if (spec.window !== undefined)
      return { code: 'predicate-unsupported', message: 'this server does not serve windows' }
    if (!socket.subs.has(sub) && socket.subs.size >= maxPerSocket)
      return {
        code: 'too-many-subscriptions',
        message: `${maxPerSocket} subscriptions are allowed on one socket`,
      }
    return null
  }

  add(socket: SyncSocket, sub: number, collection: string): void {
    socket.subs.set(sub, collection)
    const spec: StoredSpec = { collection, shape: this.#host.shapeOf(collection) }
    this.#host.sql.exec(
      `INSERT INTO _sync_sub (socket, sub, spec) VALUES (?, ?, ?) ON CONFLICT (socket, sub) DO UPDATE SET spec = excluded.spec`,
      socket.id,
      sub,
      JSON.stringify(spec),
    )
    socket.stampSubs()
  }

  remove(socket: SyncSocket, sub: number): void {
    if (!socket.subs.delete(sub)) return
    this.#host.sql.exec('DELETE FROM _sync_sub WHERE socket = ? AND sub = ?', socket.id, sub)
    socket.stampSubs()
  }

  removeAll(socket: SyncSocket): void {
    const had = socket.subs.size > 0
    socket.subs.clear()
    if (!had) return
    this.#host.sql.exec('DELETE FROM _sync_sub WHERE socket = ?', socket.id)
    socket.stampSubs()
  }

  /** After a wake: gives each socket its subscriptions back. One whose table is gone or changed is told, and only that one. */
  restore(sockets: ReadonlyMap<string, SyncSocket>): void {
    const rows = this.#host.sql
      .exec<{ socket: string; sub: number; spec: string }>('SELECT socket, sub, spec FROM _sync_sub')
      .toArray()
    const stale: (() => void)[] = []
    for (const { socket: id, sub, spec } of rows) {
      const socket = sockets.get(id)
      if (!socket) continue
      const { collection, shape } = JSON.parse(spec) as StoredSpec
      socket.subs.set(sub, collection)
      if (!this.#host.schemas.has(collection))
        stale.push(() =>
          this.refuse(socket, sub, 'unknown-collection', `the collection "${collection}" is gone`),
        )
      else if (this.#host.shapeOf(collection) !== shape) stale.push(() => this.restart(socket, sub, 'shape'))
    }
    // The storage was restored under a sleeping socket, to a moment at which it showed something else: nothing would be sent to it.
    for (const socket of sockets.values())
      if (socket.isWelcomed && !socket.hasItsSubs) socket.restart('the subscriptions are of another moment')
    for (const tell of stale) tell()
  }

  restart(socket: SyncSocket, sub: number, reason: 'shape' | 'requested'): void {
    this.remove(socket, sub)
    socket.send({ type: 'restart', sub, reason })
  }

  refuse(socket: SyncSocket, sub: number, code: RefusalCode, message: string): void {
    this.remove(socket, sub)
    socket.send({ type: 'refused', re: 'subscription', sub, code, message })
  }

  /** Forgets subscriptions of sockets that are gone without a close. */
  sweep(live: Iterable<SyncSocket>): void {
    const ids = JSON.stringify([...live].map((socket) => socket.id))
    this.#host.sql.exec('DELETE FROM _sync_sub WHERE socket NOT IN (SELECT value FROM json_each(?))', ids)
  }
}

import type { Place, Predicate, WindowSpec } from '@durable-sync/core/wire'
import { hashText } from './hash-text.ts'
import type { SyncSocket } from './sync-socket.ts'

/** What is kept of a joined subscription: enough to serve it after the object slept. */
export interface KeptSpec {
  readonly collection: string
  readonly shape: string
  readonly where?: Predicate
  readonly window?: WindowSpec
  readonly boundary?: Place | null
}

/** So many characters of subscriptions are kept with a socket. They are written again with each position. */
const BESIDE_CHARACTERS = 2048

interface Kept {
  /** In the socket's attachment: the text of each. */
  readonly beside: Map<number, string>
  /** In the table: a mark of each. */
  readonly marks: Map<number, string>
}

/**
 * Where joined subscriptions outlive a sleep of the object: in the attachment of their socket, which costs no row and so no wait for the disk
 * when a client comes, comes back and goes; in a table those that the attachment has no room for.
 */
export class SubscriptionStore {
  readonly #sql: SqlStorage
  readonly #kept = new WeakMap<SyncSocket, Kept>()

  constructor(sql: SqlStorage) {
    this.#sql = sql
  }

  put(socket: SyncSocket, sub: number, spec: KeptSpec): void {
    const text = JSON.stringify(spec)
    const { beside, marks } = this.#of(socket)
    if (!marks.has(sub) && keepBeside(socket, beside, sub, text)) return
    // Should this throw, the older one is kept where it was.
    this.#write(socket, marks, sub, text)
    socket.stamp(marks)
    this.#leave(socket, beside, sub)
  }

  /** None of them is kept with the socket any more. */
  intoTable(socket: SyncSocket): void {
    const { beside, marks } = this.#of(socket)
    for (const [sub, text] of beside) this.#write(socket, marks, sub, text)
    socket.stamp(marks)
    beside.clear()
    socket.leaveBeside('')
  }

  #write(socket: SyncSocket, marks: Map<number, string>, sub: number, text: string): void {
    this.#sql.exec(
      'INSERT INTO _sync_sub (socket, sub, spec) VALUES (?, ?, ?) ON CONFLICT (socket, sub) DO UPDATE SET spec = excluded.spec',
      socket.id,
      sub,
      text,
    )
    marks.set(sub, hashText(text))
  }

  delete(socket: SyncSocket, sub: number): void {
    const { beside, marks } = this.#of(socket)
    this.#leave(socket, beside, sub)
    if (!marks.delete(sub)) return
    this.#sql.exec('DELETE FROM _sync_sub WHERE socket = ? AND sub = ?', socket.id, sub)
    socket.stamp(marks)
  }

  clear(socket: SyncSocket): void {
    const { beside, marks } = this.#of(socket)
    this.#kept.delete(socket)
    if (beside.size > 0) socket.leaveBeside('')
    if (marks.size === 0) return
    this.#sql.exec('DELETE FROM _sync_sub WHERE socket = ?', socket.id)
    socket.stamp(new Map())
  }

  /** After a wake: what is kept of these sockets, by socket and number. */
  *read(sockets: ReadonlyMap<string, SyncSocket>): Generator<readonly [SyncSocket, number, KeptSpec]> {
    for (const socket of sockets.values()) {
      const kept = { beside: new Map<number, string>(), marks: new Map<number, string>() }
      this.#kept.set(socket, kept)
      for (const [name, spec] of Object.entries(readBeside(socket))) {
        kept.beside.set(Number(name), JSON.stringify(spec))
        yield [socket, Number(name), spec]
      }
    }
    const rows = this.#sql
      .exec<{ socket: string; sub: number; spec: string }>('SELECT socket, sub, spec FROM _sync_sub')
      .toArray()
    for (const { socket: id, sub, spec } of rows) {
      const socket = sockets.get(id)
      if (!socket) continue
      this.#of(socket).marks.set(sub, hashText(spec))
      yield [socket, sub, JSON.parse(spec) as KeptSpec]
    }
  }

  /** Whether the table holds what it held when this socket was last served: the storage may have been restored while it slept. */
  isWhole(socket: SyncSocket): boolean {
    return socket.hasStamp(this.#of(socket).marks)
  }

  /** Forgets what the table holds of sockets that are gone without a close. */
  sweep(live: Iterable<SyncSocket>): void {
    const ids = JSON.stringify([...live].map((socket) => socket.id))
    this.#sql.exec('DELETE FROM _sync_sub WHERE socket NOT IN (SELECT value FROM json_each(?))', ids)
  }

  #of(socket: SyncSocket): Kept {
    const kept = this.#kept.get(socket) ?? { beside: new Map(), marks: new Map() }
    this.#kept.set(socket, kept)
    return kept
  }

  #leave(socket: SyncSocket, beside: Map<number, string>, sub: number): void {
    if (beside.delete(sub)) socket.leaveBeside(textOf(beside))
  }
}

function keepBeside(socket: SyncSocket, beside: Map<number, string>, sub: number, text: string): boolean {
  const all = textOf(new Map(beside).set(sub, text))
  if (all.length > BESIDE_CHARACTERS || !socket.keepBeside(all)) return false
  beside.set(sub, text)
  return true
}

const textOf = (beside: ReadonlyMap<number, string>): string =>
  beside.size === 0 ? '' : `{${[...beside].map(([sub, text]) => `"${sub}":${text}`).join(',')}}`

const readBeside = ({ beside }: SyncSocket): Record<string, KeptSpec> =>
  beside === '' ? {} : (JSON.parse(beside) as Record<string, KeptSpec>)

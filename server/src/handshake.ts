import {
  CloseCode,
  type HelloFrame,
  JOIN_ANSWER_BYTES,
  type Limits,
  MIN_SUPPORTED_VERSION,
  type Outcome,
  PROTOCOL_VERSION,
  parsePosition,
  type Receipt,
  type SubscriptionVerdict,
} from '@durable-sync/core/wire'
import type { Announcer } from './announcer.ts'
import type { ChangeLog } from './change-log.ts'
import type { ClientIds } from './client-ids.ts'
import type { Lineage } from './lineage.ts'
import type { Subscriptions } from './subscriptions.ts'
import type { SyncEventSink } from './sync-event.ts'
import type { SyncSocket } from './sync-socket.ts'

export interface HandshakeHost {
  readonly log: ChangeLog
  readonly lineage: Lineage
  readonly clientIds: ClientIds
  readonly subscriptions: Subscriptions
  readonly announcer: Announcer
  readonly limits: Limits
  readonly event: SyncEventSink
  readonly object: string
  readonly now: () => number
  readonly sockets: () => Iterable<SyncSocket>
  shapeOf(table: string): string
}

/** So many reconnects a second are welcome after a restart; the welcome tells each client over how long to spread. */
const RECONNECTS_PER_SECOND = 500
const MIN_RECONNECT_WINDOW_MS = 1000

/** Answers hello: verdicts, then one pass over the log that ends in `live`. */
export class Handshake {
  readonly #host: HandshakeHost

  constructor(host: HandshakeHost) {
    this.#host = host
  }

  greet(socket: SyncSocket, hello: HelloFrame): void {
    const { log, lineage, clientIds, limits, announcer, event, now, object } = this.#host
    if (hello.v < MIN_SUPPORTED_VERSION || hello.v > PROTOCOL_VERSION) {
      const range = `${MIN_SUPPORTED_VERSION} to ${PROTOCOL_VERSION}`
      socket.close(CloseCode.protocol, `protocol version ${hello.v} is not supported, ${range} are`)
      return
    }
    if (hello.cids.length > limits.cidsPerHello) {
      socket.close(CloseCode.protocol, `${hello.cids.length} client ids, ${limits.cidsPerHello} are allowed`)
      return
    }
    this.#supersede(socket, hello.client)
    const head = log.head()
    lineage.seal(head)
    const validity = hello.at === null ? 'valid' : lineage.validity(hello.at, head)
    const at = validity === 'valid' ? hello.at : null
    const cids = hello.cids.map(({ cid }) => clientIds.verdict(cid, socket.principal))
    this.declare(socket, hello.cids)
    socket.welcome(
      hello.client,
      hello.cids.map(({ cid }) => cid),
    )
    const subs = this.#admit(socket, hello, at !== null)
    socket.send({
      type: 'welcome',
      v: hello.v,
      object,
      principal: socket.principal,
      now: now(),
      reconnectWindowMs: this.#reconnectWindow(),
      ...(validity === 'valid' ? {} : { reset: validity }),
      cids,
      subs,
      limits,
    })
    announcer.resume(
      socket,
      at,
      parsePosition(at ?? '')?.seq ?? head,
      this.#outcomes(hello, socket.principal),
    )
    const count = (is: SubscriptionVerdict['is']) => subs.filter((verdict) => verdict.is === is).length
    const reset = validity === 'valid' ? null : validity
    event({ type: 'hello', socket: socket.id, resumed: count('resume'), restarted: count('restart'), reset })
  }

  /** The last socket to declare a client id owns it. */
  declare(socket: SyncSocket, claims: readonly { readonly cid: string; readonly seen: number }[]): void {
    for (const { cid, seen } of claims) {
      this.#host.clientIds.forget(cid, socket.principal, seen)
      for (const other of this.#host.sockets())
        if (other !== socket && other.principal === socket.principal) other.undeclare(cid)
    }
  }

  /** A client has one socket: an older one is a connection that it has already given up, or a copy of its page. */
  #supersede(socket: SyncSocket, client: string): void {
    for (const other of this.#host.sockets()) {
      if (other === socket || other.client !== client || other.principal !== socket.principal) continue
      this.#host.subscriptions.removeAll(other)
      other.close(CloseCode.superseded, 'the same client said hello on a newer socket')
    }
  }

  #admit(socket: SyncSocket, hello: HelloFrame, resumable: boolean): SubscriptionVerdict[] {
    const { subscriptions, shapeOf } = this.#host
    subscriptions.removeAll(socket)
    const tooMuch = resumable && this.#isTooMuch(hello)
    return hello.subs.map((sub) => {
      const refusal = subscriptions.refusal(sub, socket, sub.id)
      if (refusal) return { id: sub.id, is: 'refused', ...refusal }
      if (!sub.joined || !resumable || tooMuch) return { id: sub.id, is: 'restart', reason: 'requested' }
      if (sub.shape !== shapeOf(sub.collection)) return { id: sub.id, is: 'restart', reason: 'shape' }
      subscriptions.add(socket, sub.id, sub.collection)
      return { id: sub.id, is: 'resume' }
    })
  }

  /** A pass of more than 4 MB is worse than loading again, which is pulled in pieces. Estimated by keys: contents are not read twice. */
  #isTooMuch(hello: HelloFrame): boolean {
    const seq = parsePosition(hello.at ?? '')?.seq ?? 0
    return this.#host.log.head() - seq > JOIN_ANSWER_BYTES / MIN_ROW_BYTES
  }

  #outcomes(hello: HelloFrame, principal: string): Receipt[] {
    const { clientIds } = this.#host
    return hello.cids.flatMap(({ cid, seen }) => {
      if (clientIds.verdict(cid, principal).is !== 'known') return []
      return clientIds
        .outcomesAfter(cid, seen)
        .map(({ n, outcome }) => ({ cid, n, outcome: JSON.parse(outcome) as Outcome }))
    })
  }

  #reconnectWindow(): number {
    let count = 0
    for (const _ of this.#host.sockets()) count++
    return Math.max(MIN_RECONNECT_WINDOW_MS, Math.ceil((count / RECONNECTS_PER_SECOND) * 1000))
  }
}

/** A guess at the smallest row on the wire: with fewer log rows than this allows, a pass is never too much by count. */
const MIN_ROW_BYTES = 64

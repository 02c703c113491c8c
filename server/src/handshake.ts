import {
  type CidVerdict,
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
import { isRefusal } from './refusal.ts'
import type { SocketSet } from './socket-set.ts'
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
  readonly sockets: () => Pick<SocketSet, 'of' | 'size'>
}

type Claim = HelloFrame['cids'][number]

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
    const claims = this.#claims(hello, socket.principal)
    const cids = hello.cids.map((claim): CidVerdict => {
      const { cid } = claim
      return claims.includes(claim)
        ? clientIds.verdict(cid, socket.principal)
        : { cid, is: 'unknown', last: 0 }
    })
    this.declare(socket, claims)
    socket.welcome(
      hello.client,
      claims.map(({ cid }) => cid),
    )
    const admitted = this.#admit(socket, hello, at !== null)
    const pass = at === null ? NOTHING : announcer.passSince(socket, parsePosition(at)?.seq ?? 0)
    const subs = pass ? admitted : this.#loadAgain(socket, admitted)
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
    announcer.resume(socket, at, pass ?? NOTHING, this.#outcomes(claims, socket.principal))
    const count = (is: SubscriptionVerdict['is']) => subs.filter((verdict) => verdict.is === is).length
    const reset = validity === 'valid' ? null : validity
    event({ type: 'hello', socket: socket.id, resumed: count('resume'), restarted: count('restart'), reset })
  }

  /** The last socket to declare a client id owns it. */
  declare(socket: SyncSocket, claims: readonly Claim[]): void {
    for (const { cid, seen } of claims) this.#host.clientIds.forget(cid, socket.principal, seen)
    if (claims.length === 0) return
    for (const other of this.#host.sockets().of(socket.principal)) {
      if (other === socket) continue
      for (const { cid } of claims) other.undeclare(cid)
    }
  }

  #supersede(socket: SyncSocket, client: string): void {
    for (const other of this.#host.sockets().of(socket.principal)) {
      if (other === socket || other.client !== client) continue
      this.#host.subscriptions.removeAll(other)
      other.supersede()
    }
  }

  #admit(socket: SyncSocket, hello: HelloFrame, resumable: boolean): SubscriptionVerdict[] {
    const { subscriptions } = this.#host
    subscriptions.removeAll(socket)
    return hello.subs.map((sub) => {
      const terms = subscriptions.admit(sub, socket, sub.id)
      if (isRefusal(terms)) return { id: sub.id, is: 'refused', code: terms.code, message: terms.message }
      // A window goes on from where its client has it: that may be narrower than what was stored, and never wider.
      const boundary = terms.order === null ? null : sub.boundary
      const fits = boundary === null || (boundary !== undefined && terms.order?.has(boundary) === true)
      if (!sub.joined || !resumable || boundary === undefined || !fits)
        return { id: sub.id, is: 'restart', reason: 'requested' }
      if (sub.shape !== terms.shape) return { id: sub.id, is: 'restart', reason: 'shape' }
      subscriptions.add(socket, sub.id, terms, boundary)
      return { id: sub.id, is: 'resume' }
    })
  }

  /** More was missed than one pass may bring. */
  #loadAgain(socket: SyncSocket, verdicts: readonly SubscriptionVerdict[]): SubscriptionVerdict[] {
    this.#host.subscriptions.removeAll(socket)
    return verdicts.map((verdict) =>
      verdict.is === 'resume' ? { id: verdict.id, is: 'restart', reason: 'requested' } : verdict,
    )
  }

  /**
   * The client ids whose outcomes fit into one answer: all of those of a client that says what it has seen. What is written under the others is
   * sent again, and answered one by one.
   */
  #claims({ cids }: HelloFrame, principal: string): readonly Claim[] {
    const { clientIds } = this.#host
    let left = JOIN_ANSWER_BYTES
    return cids.filter(({ cid, seen }) => {
      clientIds.forget(cid, principal, seen)
      const owed = clientIds.owed(cid, principal)
      if (owed > left) return false
      left -= owed
      return true
    })
  }

  #outcomes(claims: readonly Claim[], principal: string): Receipt[] {
    const { clientIds } = this.#host
    return claims.flatMap(({ cid, seen }) => {
      if (clientIds.verdict(cid, principal).is !== 'known') return []
      return clientIds
        .outcomesAfter(cid, seen)
        .map(({ n, outcome }) => ({ cid, n, outcome: JSON.parse(outcome) as Outcome }))
    })
  }

  #reconnectWindow(): number {
    return Math.max(
      MIN_RECONNECT_WINDOW_MS,
      Math.ceil((this.#host.sockets().size / RECONNECTS_PER_SECOND) * 1000),
    )
  }
}

/** A pass in which nothing changed. */
const NOTHING: readonly string[] = ['{}']

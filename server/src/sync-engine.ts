import { type ClientFrame, CloseCode, type Snapshot, type SnapshotRequest } from '@durable-sync/core/wire'
import { Announcer } from './announcer.ts'
import { ClientIds } from './client-ids.ts'
import { Connections } from './connections.ts'
import { FrameDispatcher } from './frame-dispatcher.ts'
import { inParts, weightOf } from './frame-parts.ts'
import { Greetings } from './greetings.ts'
import { GuardedSql } from './guarded-sql.ts'
import { Handshake } from './handshake.ts'
import { Housekeeping } from './housekeeping.ts'
import { type Installation, install } from './installation.ts'
import { dropInternalTables, headBefore } from './internal-tables.ts'
import { ItemDecider } from './item-decider.ts'
import { Joins } from './joins.ts'
import { Lanes } from './lanes.ts'
import type { Lineage } from './lineage.ts'
import type { RowFilter } from './live-subscription.ts'
import { holdInTransactions } from './open-transactions.ts'
import { expiryOf } from './principal.ts'
import { PullQueue } from './pull-queue.ts'
import { ReadRules } from './read-rules.ts'
import { ReadingTerms } from './reading-terms.ts'
import type { Registered } from './registry/registered.ts'
import type { Sql } from './registry/sql.ts'
import { isThenable } from './rejection.ts'
import { SetupError } from './setup-error.ts'
import { SnapshotError, Snapshots } from './snapshots.ts'
import { SocketSet } from './socket-set.ts'
import { Subscriptions } from './subscriptions.ts'
import type { SyncEvent } from './sync-event.ts'
import type { ResolvedOptions } from './sync-options.ts'
import type { SyncSocket } from './sync-socket.ts'
import { TurnQueue } from './turn-queue.ts'
import { Underway } from './underway.ts'
import { admit, isUpgrade, refuseUpgrade, SYNC_TAG } from './upgrade.ts'
import { Windows } from './windows.ts'

/** What the engine asks of the object it lives in. */
export interface EngineHost {
  readonly ctx: DurableObjectState
  readonly env: unknown
  parseAttachment(request: Request): unknown
  /** Claims for a token that came in band; undefined when the author does not support that. */
  parseToken(token: string): unknown
  onSyncEvent(event: SyncEvent): void
}

/** Everything that needs a registered, working installation. */
interface Running {
  readonly installation: Installation
  readonly options: ResolvedOptions
  readonly announcer: Announcer
  readonly subscriptions: Subscriptions
  readonly pulls: PullQueue
  readonly greetings: Greetings
  readonly connections: Connections
  readonly dispatcher: FrameDispatcher
  readonly housekeeping: Housekeeping
  readonly snapshots: Snapshots
}

type State =
  | { readonly is: 'unregistered' }
  | { readonly is: 'running'; readonly running: Running }
  | { readonly is: 'misconfigured'; readonly error: SetupError }
  | { readonly is: 'uninstalled' }

/** Sync inside one object: wires the parts together and owns nothing clever. */
export class SyncEngine {
  readonly sql: Sql
  readonly #host: EngineHost
  readonly #sockets: SocketSet
  readonly #turns: TurnQueue
  /** The head that this instance found: what the author's constructor writes after this is its own. */
  readonly #startHead: number
  /** They outlive a further `registerSync`, also one that failed: a write that waited meanwhile must find what was decided since. */
  #clientIds: ClientIds | undefined
  #lineage: Lineage | undefined
  #state: State = { is: 'unregistered' }
  #inTurn = false
  #announced: (() => Promise<unknown> | undefined)[] = []
  readonly #now = () => Date.now()

  constructor(host: EngineHost) {
    this.#host = host
    this.#sockets = new SocketSet(host.ctx, this.#now)
    this.#turns = new TurnQueue((run) => this.#turn(run))
    this.sql = new GuardedSql(host.ctx.storage.sql, () => this.#written())
    this.#startHead = headBefore(host.ctx.storage.sql)
    holdInTransactions(host.ctx.storage, this.#turns)
  }

  register(registry: Registered, options: ResolvedOptions): void {
    const { ctx } = this.#host
    const object = ctx.id.toString().slice(0, 20)
    const before = this.#state.is === 'running' ? this.#state.running : undefined
    try {
      const { sql } = ctx.storage
      const installation = install(sql, registry, object, this.#now, this.#startHead, this.#lineage)
      this.#lineage = installation.lineage
      this.#clientIds ??= new ClientIds(sql, options.limits, this.#now)
      this.#clientIds.limits = options.limits
      before?.pulls.abandon()
      before?.greetings.abandon()
      const running = this.#wire(installation, this.#clientIds, registry, options, object)
      this.#state = { is: 'running', running }
    } catch (error) {
      if (!(error instanceof SetupError)) throw error
      this.#state = { is: 'misconfigured', error }
      console.error(`durable-sync: ${error.message} (${error.code})`)
      this.#event({ type: 'setup-failed', code: error.code, message: error.message })
      this.#sockets.restore()
      for (const socket of this.#sockets)
        socket.close(CloseCode.misconfigured, 'the object is not set up: see its log')
      return
    }
    // The runtime answers pings while the object sleeps, unless the author has a pair of their own.
    if (ctx.getWebSocketAutoResponse() === null)
      ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair('ping', 'pong'))
    this.#wakeUp(this.#state.running)
  }

  /** Before anything is dispatched: the sockets that outlived the last instance get what it did not send. */
  #wakeUp({ subscriptions, announcer, housekeeping }: Running): void {
    this.#sockets.restore()
    housekeeping.closeZombies()
    for (const socket of this.#sockets) socket.subs.clear()
    subscriptions.restore(this.#sockets.byId)
    this.#closeExpired()
    announcer.flush(this.#sockets)
  }

  #wire(
    installation: Installation,
    clientIds: ClientIds,
    registry: Registered,
    options: ResolvedOptions,
    object: string,
  ): Running {
    const { ctx, env } = this.#host
    const { log, lineage, meta, schemas, readers, filters, deferral, shapeOf } = installation
    const { storage } = ctx
    const { limits, retentionMs } = options
    const event = (happened: SyncEvent) => this.#event(happened)
    const sockets = () => this.#sockets
    const rules = new ReadRules({ collections: registry.collections, schemas, filters, event })
    const reading = new ReadingTerms({ schemas, filters, rules, shapeOf })
    const subscriptions = new Subscriptions({ sql: storage.sql, reading, limits })
    const failed = (table: string, error: unknown, filter?: RowFilter) => {
      event({ type: 'error', where: `reading "${table}"`, error })
      subscriptions.refuseUnreadable(this.#sockets, table, filter)
    }
    const announcer = new Announcer({ log, lineage, readers, rules, event, failed })
    const flushTo = (socket: SyncSocket) => announcer.flush([socket], socket)
    const decider = new ItemDecider({
      storage,
      sql: this.sql,
      env,
      limits,
      registry,
      schemas,
      deferral,
      event,
    })
    const lanes = new Lanes({
      storage,
      clientIds,
      decider,
      event,
      nextTurn: (weight, run) => this.#turns.add({ weight, run }),
      afterAnnouncement: (task) => this.#announced.push(task),
    })
    const windows = new Windows({ readers, subscriptions, flushTo })
    const later = (ms: number, run: () => void) =>
      void setTimeout(() => this.#turns.add({ weight: 1, run }), ms)
    const underway = new Underway(this.#now)
    const pulls = new PullQueue({
      joins: new Joins({ log, lineage, readers, rules, subscriptions, windows, flushTo }),
      windows,
      subscriptions,
      limits,
      underway,
      event,
      later,
    })
    const handshake = new Handshake({
      log,
      lineage,
      clientIds,
      subscriptions,
      announcer,
      limits,
      event,
      object,
      now: this.#now,
      sockets,
    })
    const greetings = new Greetings({ handshake, underway, event, now: this.#now, sockets, later })
    const housekeeping = new Housekeeping({
      ctx,
      log,
      lineage,
      meta,
      clientIds,
      subscriptions,
      event,
      now: this.#now,
      retentionMs,
      sockets,
      flushAll: () => announcer.flush(this.#sockets, 'all'),
    })
    const connections = new Connections({
      sockets: this.#sockets,
      event,
      now: this.#now,
      parseToken: (token) => this.#host.parseToken(token),
      principalOf: options.principal,
      reconsider: (socket) => {
        rules.forget(socket.claims)
        subscriptions.reconsider(socket)
      },
    })
    const dispatcher = new FrameDispatcher({
      limits,
      greetings,
      handshake,
      pulls,
      windows,
      lanes,
      clientIds,
      subscriptions,
      event,
      authenticate: (socket, token) => void connections.authenticate(socket, token),
    })
    const snapshots = new Snapshots({ log, lineage, readers, reading })
    return {
      installation,
      options,
      announcer,
      subscriptions,
      pulls,
      greetings,
      connections,
      dispatcher,
      housekeeping,
      snapshots,
    }
  }

  #turn(run: () => void): void {
    if (this.#state.is !== 'running') {
      // Left in the queue it would ask for another turn for ever.
      this.#turns.clear()
      return
    }
    const { announcer, housekeeping } = this.#state.running
    this.#inTurn = true
    try {
      this.#closeExpired()
      run()
      this.#clientIds?.writeBack()
      // What a listener of the author's writes from here on comes too late for this turn, and is told in the next.
      this.#inTurn = false
      housekeeping.afterTurn(announcer.flush(this.#sockets))
    } catch (error) {
      // Memory and storage may disagree now. A new instance starts from what is stored, and the clients resume.
      this.#event({ type: 'error', where: 'turn', error })
      this.#host.ctx.abort('durable-sync: a turn failed')
    } finally {
      this.#inTurn = false
    }
    const announced = this.#announced
    this.#announced = []
    for (const task of announced) this.#host.ctx.waitUntil(Promise.resolve().then(task))
  }

  #closeExpired(): void {
    for (const socket of this.#sockets) this.#closeIfExpired(socket)
  }

  #closeIfExpired(socket: SyncSocket): boolean {
    if (expiryOf(socket.claims) > this.#now()) return false
    socket.close(CloseCode.unauthorized, 'the credentials have expired')
    return true
  }

  /** Rows were written through the guarded SQL: the era must be in their transaction, and the clients must hear of them. */
  #written(): void {
    if (this.#inTurn || this.#state.is !== 'running') return
    const { log, lineage } = this.#state.running.installation
    lineage.seal(log.head())
    this.#turns.wake()
  }

  /** Announces what was written past the guarded SQL. Call it in the same synchronous turn as the writes. */
  flush(): void {
    this.#written()
  }

  runWrite<T>(write: (sql: Sql) => T): T {
    const result = this.#host.ctx.storage.transactionSync(() => {
      const returned = write(this.sql)
      if (isThenable(returned)) {
        returned.then(undefined, () => undefined)
        throw new TypeError(
          'runSyncedWrite must be given a synchronous function: it runs inside a transaction',
        )
      }
      return returned
    })
    this.#written()
    return result
  }

  async upgrade(request: Request): Promise<Response> {
    if (!isUpgrade(request)) return new Response('Expected a WebSocket upgrade\n', { status: 426 })
    if (this.#state.is !== 'running') return refuseUpgrade(CloseCode.misconfigured, this.#whyNotRunning())
    let claims: unknown
    try {
      claims = await this.#host.parseAttachment(request)
    } catch (error) {
      if (error instanceof Response) return error
      if (error instanceof SetupError) {
        console.error(`durable-sync: ${error.message}`)
        return refuseUpgrade(CloseCode.misconfigured, error.message)
      }
      this.#event({ type: 'error', where: 'parseAttachment', error })
      return refuseUpgrade(CloseCode.unauthorized, 'not authenticated')
    }
    const admission = admit(claims, this.#state.running.options.principal, this.#now())
    if (!admission.ok) return refuseUpgrade(admission.code, admission.message)
    const { 0: client, 1: server } = new WebSocketPair()
    this.#host.ctx.acceptWebSocket(server, [SYNC_TAG])
    const socket = this.#sockets.add(server, admission.principal, admission.claims)
    this.#event({ type: 'socket-opened', socket: socket.id, principal: socket.principal })
    return new Response(null, { status: 101, webSocket: client })
  }

  /**
   * Rows for a page that is rendered elsewhere, behind the same gate as an upgrade.
   * @throws SnapshotError
   */
  snapshot(claims: unknown, request: SnapshotRequest): Snapshot {
    if (this.#state.is !== 'running')
      throw new SnapshotError({ code: 'internal', message: this.#whyNotRunning() })
    const { options, snapshots } = this.#state.running
    const admission = admit(claims, options.principal, this.#now())
    if (!admission.ok) throw new SnapshotError({ code: 'auth-failed', message: admission.message })
    return snapshots.read(admission.principal, admission.claims, request)
  }

  #whyNotRunning(): string {
    switch (this.#state.is) {
      case 'unregistered':
        return 'the object has not called registerSync'
      case 'uninstalled':
        return 'sync was uninstalled from this object'
      default:
        return 'the object is not set up: see its log'
    }
  }

  owns(ws: WebSocket): boolean {
    return this.#host.ctx.getTags(ws).includes(SYNC_TAG)
  }

  message(ws: WebSocket, message: string | ArrayBuffer): void {
    const socket = this.#sockets.find(ws)
    if (!socket) return
    if (this.#state.is !== 'running') {
      socket.close(CloseCode.misconfigured, this.#whyNotRunning())
      return
    }
    // What was closed is not listened to, whether or not its peer has heard of it: it may be somebody who was shown the door.
    if (!socket.isOpen || this.#closeIfExpired(socket)) return
    const frame = this.#state.running.dispatcher.read(socket, message)
    for (const part of frame ? inParts(frame) : [])
      this.#turns.add({ weight: weightOf(part), source: socket, run: () => this.#dispatch(socket, part) })
  }

  #dispatch(socket: SyncSocket, frame: ClientFrame): void {
    // Its close may have come while the frame waited for this turn; writes that it carried still count.
    if (this.#state.is !== 'running' || (!this.#sockets.has(socket) && frame.type !== 'push')) return
    this.#state.running.dispatcher.dispatch(socket, frame)
  }

  closed(ws: WebSocket, code: number, reason: string): void {
    const socket = this.#sockets.remove(ws)
    if (!socket) return
    socket.finishClose(code)
    this.#event({ type: 'socket-closed', socket: socket.id, code, reason })
    if (this.#state.is === 'running') this.#state.running.subscriptions.removeAll(socket)
  }

  /** Who is there, and what may be done about them; undefined while sync does not run. */
  get connections(): Connections | undefined {
    return this.#state.is === 'running' ? this.#state.running.connections : undefined
  }

  /** Every client loads its rows again, connected ones at once and the others when they come. */
  resyncAll(): void {
    if (this.#state.is !== 'running') return
    const { installation, subscriptions } = this.#state.running
    installation.meta.set('resync', installation.meta.number('resync') + 1)
    for (const socket of this.#sockets)
      for (const sub of socket.subs.numbers()) subscriptions.restart(socket, sub, 'requested')
  }

  uninstall(): void {
    for (const socket of this.#sockets)
      socket.close(CloseCode.misconfigured, 'sync was uninstalled from this object')
    dropInternalTables(this.#host.ctx.storage.sql)
    this.#clientIds = undefined
    this.#lineage = undefined
    this.#state = { is: 'uninstalled' }
  }

  /** @internal For tests and tools: compaction and pruning that would come by themselves. */
  housekeeping(): Housekeeping | undefined {
    return this.#state.is === 'running' ? this.#state.running.housekeeping : undefined
  }

  #event(happened: SyncEvent): void {
    try {
      this.#host.onSyncEvent(happened)
    } catch (error) {
      console.error('durable-sync: onSyncEvent threw', error)
    }
  }
}

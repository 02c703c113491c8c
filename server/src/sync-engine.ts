import { type ClientFrame, CloseCode, type Snapshot, type SnapshotRequest } from '@durable-sync/core/wire'
import { Backlog } from './backlog.ts'
import { ClientIds } from './client-ids.ts'
import type { Connections } from './connections.ts'
import type { EngineHost } from './engine-host.ts'
import { closeExpired, closeIfExpired } from './expired-sockets.ts'
import { inParts, weightOf } from './frame-parts.ts'
import { GuardedSql } from './guarded-sql.ts'
import type { Housekeeping } from './housekeeping.ts'
import { install } from './installation.ts'
import { dropInternalTables, headBefore } from './internal-tables.ts'
import type { Lineage } from './lineage.ts'
import { holdInTransactions } from './open-transactions.ts'
import type { Registered } from './registry/registered.ts'
import type { Sql } from './registry/sql.ts'
import { isThenable } from './rejection.ts'
import { putTogether, type Running, type RunningHost } from './running.ts'
import { SetupError } from './setup-error.ts'
import { SnapshotError } from './snapshots.ts'
import { SocketSet } from './socket-set.ts'
import type { SyncEvent } from './sync-event.ts'
import type { ResolvedOptions } from './sync-options.ts'
import type { SyncSocket } from './sync-socket.ts'
import { Turn } from './turn.ts'
import { TurnQueue } from './turn-queue.ts'
import { admit, SYNC_TAG } from './upgrade.ts'
import { Upgrades } from './upgrades.ts'

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
  readonly #turn: Turn
  readonly #backlog = new Backlog()
  readonly #upgrades: Upgrades
  readonly #parts: RunningHost
  /** The head that this instance found: what the author's constructor writes after this is its own. */
  readonly #startHead: number
  /** They outlive a further `registerSync`, also one that failed: a write that waited meanwhile must find what was decided since. */
  #clientIds: ClientIds | undefined
  #lineage: Lineage | undefined
  #state: State = { is: 'unregistered' }
  readonly #now = () => Date.now()

  constructor(host: EngineHost) {
    this.#host = host
    this.#sockets = new SocketSet(host.ctx, this.#now)
    this.#turns = new TurnQueue((run) => this.#takeTurn(run))
    this.sql = new GuardedSql(host.ctx.storage.sql, () => this.#written())
    const shared = {
      sockets: this.#sockets,
      now: this.#now,
      event: (happened: SyncEvent) => this.#event(happened),
    }
    const turn = new Turn({ ...shared, ctx: host.ctx, clientIds: () => this.#clientIds })
    this.#turn = turn
    this.#upgrades = new Upgrades({ ...shared, object: host, options: () => this.#options() })
    this.#parts = {
      ...shared,
      backlog: this.#backlog,
      object: host,
      sql: this.sql,
      current: () => (this.#state.is === 'running' ? this.#state.running : undefined),
      nextTurn: (weight, run) => this.#turns.add({ weight, run }),
      afterAnnouncement: (task) => turn.afterAnnouncement(task),
    }
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
      const running = putTogether(this.#parts, installation, this.#clientIds, registry, options, object)
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
    closeExpired(this.#sockets, this.#now)
    announcer.flush(this.#sockets)
  }

  #takeTurn(run: () => void): void {
    // Left in the queue it would ask for another turn for ever.
    if (this.#state.is !== 'running') {
      this.#turns.clear()
      this.#backlog.clear()
    } else this.#turn.take(run, this.#state.running)
  }

  /** Rows were written through the guarded SQL: the era must be in their transaction, and the clients must hear of them. */
  #written(): void {
    if (this.#turn.isOn || this.#state.is !== 'running') return
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

  upgrade(request: Request): Promise<Response> {
    return this.#upgrades.accept(request)
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

  /** What was registered, or why sync does not run. */
  #options(): ResolvedOptions | string {
    return this.#state.is === 'running' ? this.#state.running.options : this.#whyNotRunning()
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
    if (!socket.isOpen || closeIfExpired(socket, this.#now())) return
    const frame = this.#state.running.dispatcher.read(socket, message)
    for (const part of frame ? inParts(frame) : [])
      this.#turns.addArrived({
        weight: weightOf(part),
        source: socket,
        run: () => this.#dispatch(socket, part),
      })
  }

  #dispatch(socket: SyncSocket, frame: ClientFrame): void {
    // Its close may have come while the frame waited for this turn; writes that it carried still count.
    if (this.#state.is !== 'running') {
      if (frame.type === 'push') for (const item of frame.items) this.#backlog.done(item)
      return
    }
    if (!this.#sockets.has(socket) && frame.type !== 'push') return
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

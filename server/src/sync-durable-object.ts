import { DurableObject } from 'cloudflare:workers'
import type { Snapshot, SnapshotRequest } from '@durable-sync/core/wire'
import type { Connection } from './connection.ts'
import { ObjectSync } from './object-sync.ts'
import type { Registered } from './registry/registered.ts'
import type { Sql } from './registry/sql.ts'
import { SetupError } from './setup-error.ts'
import { SyncEngine } from './sync-engine.ts'
import { logErrors, type SyncEvent } from './sync-event.ts'
import type { SyncOptions } from './sync-options.ts'

/**
 * A Durable Object whose tables are live collections. Create the tables and call `registerSync` in the constructor, inside
 * `blockConcurrencyWhile`, so that sockets that outlived an eviction are served before anything else happens. Every upgrade that
 * reaches the object is sync's; an object with sockets of its own uses `Syncable`.
 */
export abstract class SyncDurableObject<Env = unknown, Claims = unknown> extends DurableObject<Env> {
  readonly #engine: SyncEngine
  readonly #sync: ObjectSync<Claims>

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env)
    this.#engine = new SyncEngine({
      ctx,
      env,
      parseAttachment: (request) => this.parseAttachment(request),
      parseToken: (token) => this.parseToken(token),
      onSyncEvent: (event) => this.onSyncEvent(event),
    })
    this.#sync = new ObjectSync(this.#engine)
  }

  /** SQL with strict bindings. What it writes to a registered table reaches every client. */
  protected get sql(): Sql {
    return this.#sync.sql
  }

  /** See {@link ObjectSync.register}. */
  protected registerSync(registry: Registered, options?: SyncOptions<Claims>): void {
    this.#sync.register(registry, options)
  }

  /** See {@link ObjectSync.runWrite}. */
  protected runSyncedWrite<T>(write: (sql: Sql) => T): T {
    return this.#sync.runWrite(write)
  }

  /** See {@link ObjectSync.flush}. */
  protected flush(): void {
    this.#sync.flush()
  }

  /** See {@link ObjectSync.connections}. */
  protected connections(): Connection<Claims>[] {
    return this.#sync.connections()
  }

  /** See {@link ObjectSync.disconnect}. */
  protected disconnect(
    filter: (connection: Connection<Claims>) => boolean,
    code?: number,
    message?: string,
  ): number {
    return this.#sync.disconnect(filter, code, message)
  }

  /** See {@link ObjectSync.setClaims}. */
  protected setClaims(
    filter: (connection: Connection<Claims>) => boolean,
    claimsOf: (connection: Connection<Claims>) => Claims,
  ): number {
    return this.#sync.setClaims(filter, claimsOf)
  }

  /** See {@link ObjectSync.resyncAll}. */
  protected resyncAll(): void {
    this.#sync.resyncAll()
  }

  /** See {@link ObjectSync.uninstall}. */
  protected uninstallSync(): void {
    this.#sync.uninstall()
  }

  /**
   * Who is behind an upgrade request: the claims that handlers see as `user`. Refuse by throwing; a thrown `Response` is returned as it
   * is. Until it is overridden every upgrade is refused.
   */
  protected parseAttachment(_request: Request): Claims | Promise<Claims> {
    throw new SetupError(
      'parse-attachment-missing',
      'override parseAttachment(request): return the claims of an authenticated request, behind routeSync for instance JSON.parse(request.headers.get("x-claims") ?? "{}")',
    )
  }

  /** Claims for a token that a client sends on its open socket; undefined, the default, means that this is not supported. */
  protected parseToken(_token: string): Claims | undefined | Promise<Claims | undefined> {
    return undefined
  }

  /** Called with everything that happens, for logs and metrics. The default logs errors. A throw is logged and changes nothing. */
  protected onSyncEvent(event: SyncEvent): void {
    logErrors(event)
  }

  /**
   * For the Worker that renders a page, over RPC: `await stub.snapshot(claims, { table: 'tasks' })`, with the claims that it would let connect.
   * See {@link ObjectSync.snapshot}.
   */
  snapshot(claims: Claims, request: SnapshotRequest): Snapshot {
    return this.#sync.snapshot(claims, request)
  }

  override fetch(request: Request): Response | Promise<Response> {
    return this.#engine.upgrade(request)
  }

  override webSocketMessage(ws: WebSocket, message: string | ArrayBuffer): void | Promise<void> {
    this.#engine.message(ws, message)
  }

  override webSocketClose(
    ws: WebSocket,
    code: number,
    reason: string,
    _wasClean: boolean,
  ): void | Promise<void> {
    this.#engine.closed(ws, code, reason)
  }

  override webSocketError(ws: WebSocket, _error: unknown): void | Promise<void> {
    this.#engine.closed(ws, 1006, 'error')
  }
}

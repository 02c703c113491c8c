import { CloseCode, type Snapshot, type SnapshotRequest } from '@durable-sync/core/wire'
import type { Connection } from './connection.ts'
import type { Registered } from './registry/registered.ts'
import type { Sql } from './registry/sql.ts'
import type { SyncEngine } from './sync-engine.ts'
import { resolveOptions, type SyncOptions } from './sync-options.ts'

type ConnectionFilter<Claims> = (connection: Connection<Claims>) => boolean

/** Sync inside one object, as its author uses it. */
export class ObjectSync<Claims> {
  readonly #engine: SyncEngine

  /** @internal */
  constructor(engine: SyncEngine) {
    this.#engine = engine
  }

  /** SQL with strict bindings. What it writes to a registered table reaches every client. */
  get sql(): Sql {
    return this.#engine.sql
  }

  /** Starts sync, and again after a migration while the object runs. A table that cannot be synced is logged with its fix. */
  register(registry: Registered, options: SyncOptions<Claims> = {}): void {
    this.#engine.register(registry, resolveOptions(options))
  }

  /**
   * A write of the object's own: synchronous, in one transaction, announced within a tick.
   * @throws what `write` throws, after a rollback; TypeError when it returns a promise.
   */
  runWrite<T>(write: (sql: Sql) => T): T {
    return this.#engine.runWrite(write)
  }

  /** Announces what was written through `ctx.storage.sql`. Call it right after those writes, before any `await`. */
  flush(): void {
    this.#engine.flush()
  }

  /** The open sockets. */
  connections(): Connection<Claims>[] {
    return (this.#engine.connections?.list() ?? []) as Connection<Claims>[]
  }

  /** Closes sockets; with the default code, 4401, their clients ask for new credentials. Returns how many. */
  disconnect(
    filter: ConnectionFilter<Claims>,
    code: number = CloseCode.unauthorized,
    message = 'disconnected by the server',
  ): number {
    return this.#engine.connections?.disconnect(filter as ConnectionFilter<unknown>, code, message) ?? 0
  }

  /** Replaces the claims of open sockets; one whose principal would change is closed with 4403. Returns how many were chosen. */
  setClaims(filter: ConnectionFilter<Claims>, claimsOf: (connection: Connection<Claims>) => Claims): number {
    const chosen = this.#engine.connections?.setClaims(
      filter as ConnectionFilter<unknown>,
      claimsOf as (connection: Connection<unknown>) => unknown,
    )
    return chosen ?? 0
  }

  /** Makes every client load its rows again, connected or not. Held rows stay on the screens meanwhile. */
  resyncAll(): void {
    this.#engine.resyncAll()
  }

  /**
   * The rows that whoever has these claims may read, at one moment, with the position from which a browser goes on: what a server renders a page
   * from. `SyncDurableObject` offers it over RPC; another object does so in a method of its own. At most 4 MB of rows.
   * @throws Error with the code in its message: that of the refusal (`read-denied`, say), `auth-failed` for claims that no upgrade would be
   * accepted with, or `snapshot-too-large`.
   */
  snapshot(claims: Claims, request: SnapshotRequest): Snapshot {
    return this.#engine.snapshot(claims, request)
  }

  /** Removes the library's triggers and tables and closes its sockets. The author's tables stay. */
  uninstall(): void {
    this.#engine.uninstall()
  }
}

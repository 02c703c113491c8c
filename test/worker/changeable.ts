import {
  type Connection,
  type Limits,
  SyncDurableObject,
  type SyncEvent,
  type SyncOptions,
  SyncRegistry,
} from '@durable-sync/server'
import type { HostingEnv } from './hosting-env.ts'
import { type KeptSubscription, keptSubscriptions } from './kept-subscriptions.ts'
import type { Claims } from './rows.ts'

interface Thing {
  id: string
  body: string | null
}

export interface ChangeableRows {
  things: Thing
  others: Thing
  extras: Thing
  /** Its table is never made. */
  ghosts: Thing
}

/** How the object is set up the next time it is constructed: what a deployment would change. */
export interface Settings {
  readonly collections: readonly (keyof ChangeableRows)[]
  readonly limits?: Partial<Limits>
}

const DEFAULT: Settings = { collections: ['things', 'others', 'extras'] }

/** Constructions by object id. The Worker reads them, so that nobody has to wake the object to ask. */
export const constructions = new Map<string, number>()

function registryOf({ collections }: Settings) {
  const registry = new SyncRegistry<Claims, HostingEnv, ChangeableRows>()
  for (const table of collections)
    registry
      .defineCollection({ table, pk: 'id' })
      .defineMutation({ collection: table, type: 'insert', writable: ['body'] })
      .defineMutation({ collection: table, type: 'update', writable: ['body'] })
      .defineMutation({ collection: table, type: 'delete' })
  return registry
    .defineCommand({
      name: 'append',
      authorize: async ({ args }: { args: { readonly id: string; readonly afterMs: number } }) => {
        await scheduler.wait(args.afterMs)
      },
      execute: ({ args, sql }) => {
        sql.exec(
          `INSERT INTO things (id, body) VALUES (?, 'x') ON CONFLICT (id) DO UPDATE SET body = body || 'x'`,
          args.id,
        )
      },
    })
    .defineCommand({
      name: 'large',
      execute: ({ args }: { args: { readonly characters: number } }) => 'x'.repeat(args.characters),
    })
}

/** An object whose collections and limits are decided by what a test stored in it. */
export class Changeable extends SyncDurableObject<HostingEnv, Claims> {
  #events: SyncEvent[] = []
  /** Run when the next event of a type is told. */
  readonly #reactions = new Map<string, string>()

  constructor(ctx: DurableObjectState, env: HostingEnv) {
    super(ctx, env)
    const id = ctx.id.toString()
    constructions.set(id, (constructions.get(id) ?? 0) + 1)
    ctx.blockConcurrencyWhile(async () => {
      for (const table of ['things', 'others', 'extras'])
        this.sql.exec(`CREATE TABLE IF NOT EXISTS ${table} (id TEXT PRIMARY KEY, body TEXT) WITHOUT ROWID`)
      this.register()
    })
  }

  protected override parseAttachment(request: Request): Claims {
    return JSON.parse(request.headers.get('x-claims') ?? '{}') as Claims
  }

  protected override onSyncEvent(event: SyncEvent): void {
    this.#events.push(event)
    const reaction = this.#reactions.get(event.type)
    this.#reactions.delete(event.type)
    if (reaction !== undefined) this.sql.exec(reaction)
  }

  /** The next event of this type is answered with a statement through the library's `sql`. */
  react(type: string, statement: string): void {
    this.#reactions.set(type, statement)
  }

  /** Takes effect with the next construction, or `register`. */
  configure(settings: Settings): void {
    this.ctx.storage.kv.put('settings', settings)
  }

  /** What an author does after a migration in a running object. */
  register(): void {
    const settings = this.ctx.storage.kv.get<Settings>('settings') ?? DEFAULT
    const options: SyncOptions<Claims> = settings.limits ? { limits: settings.limits } : {}
    this.registerSync(registryOf(settings), options)
  }

  /** A migration in a running object. */
  addColumnAndRegister(table: string): void {
    this.ctx.storage.sql.exec(`ALTER TABLE ${table} ADD COLUMN added TEXT DEFAULT 'new'`)
    this.register()
  }

  /** Past the library: triggers see it, nothing is announced. */
  storageSql(statement: string): Record<string, SqlStorageValue>[] {
    return this.ctx.storage.sql.exec(statement).toArray()
  }

  subscriptions(): KeptSubscription[] {
    return keptSubscriptions(this.ctx)
  }

  /** Through the library's `sql`. */
  syncSql(statement: string): void {
    this.sql.exec(statement)
  }

  /** Adds rows with keys `<prefix>00000`… and bodies of so many characters, past the library. */
  fill(table: string, prefix: string, count: number, characters: number, character = 'x'): void {
    this.ctx.storage.sql.exec(
      `WITH RECURSIVE c (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM c WHERE i + 1 < ?1)
       INSERT INTO ${table} (id, body)
       SELECT printf('%s%05d', ?2, i), replace(substr(hex(zeroblob((?3 + 1) / 2)), 1, ?3), '0', ?4) FROM c`,
      count,
      prefix,
      characters,
      character,
    )
  }

  /**
   * From now on nothing leaves for a user, as far as the object can tell: so many bytes wait, and whatever is sent waits behind them.
   * Newer runtimes say so by themselves, in `bufferedAmount`. What is sent arrives all the same.
   */
  holdBack(userId: string, bytes: number): void {
    for (const ws of this.ctx.getWebSockets()) {
      const { principal } = ws.deserializeAttachment() as { readonly principal: string }
      if (principal !== userId) continue
      let waiting = bytes
      const send = (message: string) => {
        waiting += new TextEncoder().encode(message).byteLength
        WebSocket.prototype.send.call(ws, message)
      }
      Object.defineProperties(ws, {
        bufferedAmount: { get: () => waiting, configurable: true },
        send: { value: send, configurable: true },
      })
    }
  }

  listConnections(): Connection<Claims>[] {
    return this.connections()
  }

  disconnectUser(userId: string, code?: number, message?: string): number {
    return this.disconnect(({ claims }) => claims.userId === userId, code, message)
  }

  /** A timer of the author's own, which keeps the object from hibernating. */
  keepAwake(ms: number): void {
    setTimeout(() => undefined, ms)
  }

  syncEvents(): Record<string, unknown>[] {
    return this.#events.map((event) => ({ ...event }))
  }
}

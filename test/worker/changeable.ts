import {
  type Connection,
  type Limits,
  SyncDurableObject,
  type SyncEvent,
  type SyncOptions,
  SyncRegistry,
} from '@durable-sync/server'
import type { HostingEnv } from './hosting-env.ts'
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

  /** Past the library: triggers see it, nothing is announced. */
  storageSql(statement: string): Record<string, SqlStorageValue>[] {
    return this.ctx.storage.sql.exec(statement).toArray()
  }

  /** Through the library's `sql`. */
  syncSql(statement: string): void {
    this.sql.exec(statement)
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

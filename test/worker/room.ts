import { SyncDurableObject, type SyncEvent } from '@durable-sync/server'
import { bound } from './binding.ts'
import type { ControlVerbs, RoomStats } from './control-verbs.ts'
import { engineStartedBy } from './engine-access.ts'
import type { FixtureEnv } from './env.ts'
import { FullStorage } from './full-storage.ts'
import { keptSubscriptions } from './kept-subscriptions.ts'
import { registryOf } from './registration.ts'
import { fixtureRegistry } from './registry.ts'
import { RowCounter } from './row-counter.ts'
import type { Claims } from './rows.ts'
import { storedRows } from './stored-rows.ts'
import { TABLES } from './tables.ts'

/** Constructions by object id, in this process: all objects of a class share one isolate. */
const constructions = new Map<string, number>()

type Handlers = { [V in keyof ControlVerbs]: (args: ControlVerbs[V]['args']) => ControlVerbs[V]['result'] }

const readable = (_name: string, value: unknown): unknown =>
  value instanceof ArrayBuffer
    ? {
        hex: Array.from(new Uint8Array(value), (byte) =>
          byte.toString(16).padStart(2, '0').toUpperCase(),
        ).join(''),
      }
    : value instanceof Error
      ? value.message
      : value

/** The object that most tests talk to. */
export class Room extends SyncDurableObject<FixtureEnv, Claims> {
  readonly #instance = crypto.randomUUID()
  readonly #counter: RowCounter
  readonly #storage: FullStorage
  readonly #events: SyncEvent[] = []
  #engine: ReturnType<typeof engineStartedBy> | undefined

  constructor(ctx: DurableObjectState, env: FixtureEnv) {
    const storage = new FullStorage(ctx.storage.sql)
    const counter = new RowCounter(ctx.storage.sql)
    super(ctx, env)
    this.#counter = counter
    this.#storage = storage
    const id = ctx.id.toString()
    constructions.set(id, (constructions.get(id) ?? 0) + 1)
    ctx.blockConcurrencyWhile(async () => {
      for (const table of TABLES) this.sql.exec(table)
      this.#engine = engineStartedBy(() =>
        this.registerSync(fixtureRegistry({ abort: () => ctx.abort('a handler crashed the object') })),
      )
    })
  }

  protected override parseAttachment(request: Request): Claims {
    return JSON.parse(request.headers.get('x-claims') ?? '{}') as Claims
  }

  /** A token is its claims as JSON, looked at for as long as it says; any other text is refused. */
  protected override parseToken(token: string): Claims | Promise<Claims> {
    const { afterMs = 0, ...claims } = (JSON.parse(token) ?? {}) as Claims & { readonly afterMs?: number }
    return afterMs > 0 ? scheduler.wait(afterMs).then(() => claims) : claims
  }

  protected override onSyncEvent(event: SyncEvent): void {
    this.#events.push(event)
  }

  /** Carries out one verb; arguments and result are JSON text. */
  control(verb: string, args: string): string {
    const handlers = this.#handlers()
    if (!Object.hasOwn(handlers, verb)) throw new Error(`there is no verb "${verb}"`)
    const handler = handlers[verb as keyof Handlers] as (given: unknown) => unknown
    return JSON.stringify(handler(JSON.parse(args)) ?? null, readable)
  }

  abort(): void {
    this.ctx.abort('a test asked for it')
  }

  #handlers(): Handlers {
    return {
      sql: ({ statement, params, via }) =>
        via === 'sync'
          ? this.sql.exec(statement, ...params.map(bound)).toArray()
          : this.ctx.storage.sql.exec(statement, ...params.map(bound)).toArray(),
      write: ({ statements, thenThrow, asynchronous }) => {
        this.runSyncedWrite((sql) => {
          for (const statement of statements) sql.exec(statement)
          if (thenThrow !== undefined) throw new Error(thenThrow)
          return asynchronous ? Promise.resolve() : undefined
        })
        return null
      },
      rows: ({ table }) => storedRows(this.ctx.storage.sql, table),
      stats: () => this.#stats(),
      subscriptions: () => keptSubscriptions(this.ctx),
      resetCounts: () => {
        this.#counter.reset()
        return null
      },
      fill: ({ full }) => {
        this.#storage.full = full
        return null
      },
      plans: ({ table }) => this.#plans(table),
      flush: () => {
        this.flush()
        return null
      },
      compact: () => {
        this.#engine?.housekeeping()?.compact()
        return null
      },
      prune: ({ before }) => {
        this.#engine?.housekeeping()?.prune(before)
        return null
      },
      disconnect: ({ userId }) => this.disconnect(({ claims }) => claims.userId === userId),
      setClaims: ({ userId, claims }) =>
        this.setClaims(
          ({ claims: theirs }) => theirs.userId === userId,
          () => claims,
        ),
      resyncAll: () => {
        this.resyncAll()
        return null
      },
      register: ({ collections, limits, retentionMs }) => {
        this.registerSync(
          collections ? registryOf(collections) : fixtureRegistry({ abort: () => this.abort() }),
          {
            ...(limits ? { limits } : {}),
            ...(retentionMs === undefined ? {} : { retentionMs }),
          },
        )
        return null
      },
      uninstall: () => {
        this.uninstallSync()
        return null
      },
      deleteAll: () => {
        this.ctx.waitUntil(this.ctx.storage.deleteAll())
        return null
      },
      events: () => this.#events.map((event) => ({ ...event })),
    }
  }

  #plans(table: string): ControlVerbs['plans']['result'] {
    const { sql } = this.ctx.storage
    return this.#counter
      .statements()
      .filter(({ text }) => text.startsWith('SELECT') && text.includes(`FROM "${table}"`))
      .map(({ text, bindings }) => ({
        text,
        plan: sql
          .exec<{ detail: string }>(`EXPLAIN QUERY PLAN ${text}`, ...bindings)
          .toArray()
          .map(({ detail }) => detail),
      }))
  }

  #stats(): RoomStats {
    return {
      ...this.#counter.counts(),
      constructed: constructions.get(this.ctx.id.toString()) ?? 0,
      instance: this.#instance,
      sockets: this.ctx.getWebSockets().length,
      databaseSize: this.ctx.storage.sql.databaseSize,
    }
  }
}

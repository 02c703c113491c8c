import { type StandardSchema, SyncDurableObject, SyncRegistry } from '@durable-sync/server'

interface Claims {
  readonly userId: string
  readonly role?: string
}
interface Item {
  id: string
  body: string
}
interface Env {
  readonly MISTAKES: DurableObjectNamespace<Mistakes>
}

/** Complains about every letter of the body. */
const picky: StandardSchema = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: (value) => ({
      issues: Array.from((value as Item).body, (letter, i) => ({
        message: `no ${letter}`.repeat(100),
        path: [i],
      })),
    }),
  },
}

/** An object whose author makes every mistake that the library must survive. */
export class Mistakes extends SyncDurableObject<Env, Claims> {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env)
    ctx.blockConcurrencyWhile(async () => {
      const { sql } = this
      sql.exec('CREATE TABLE IF NOT EXISTS items (id TEXT PRIMARY KEY, body TEXT NOT NULL)')
      sql.exec('CREATE TABLE IF NOT EXISTS strict (id TEXT PRIMARY KEY, body TEXT NOT NULL)')
      sql.exec('CREATE TABLE IF NOT EXISTS slow (id TEXT PRIMARY KEY, body TEXT NOT NULL)')
      sql.exec(`CREATE TABLE IF NOT EXISTS derived (id TEXT PRIMARY KEY, body TEXT NOT NULL,
        part TEXT GENERATED ALWAYS AS (json_extract(body, '$.a')) VIRTUAL)`)
      // A write of this instance, before it has been told what to sync.
      sql.exec(
        "INSERT INTO items VALUES ('boot', ?) ON CONFLICT DO UPDATE SET body = excluded.body",
        crypto.randomUUID(),
      )
      this.#register('items')
    })
  }

  #register(table: 'items' | 'missing') {
    const rows = new SyncRegistry<
      Claims,
      Env,
      { items: Item; missing: Item; strict: Item; slow: Item; derived: Item }
    >()
    if (table === 'missing') return this.registerSync(rows.defineCollection({ table: 'missing', pk: 'id' }))
    this.registerSync(
      rows
        .defineCollection({ table: 'items', pk: 'id' })
        .defineCollection({ table: 'strict', pk: 'id' })
        .defineCollection({ table: 'slow', pk: 'id' })
        .defineCollection({ table: 'derived', pk: 'id' })
        .defineMutation({ collection: 'items', type: 'insert', writable: ['body'], schema: picky })
        .defineMutation({
          collection: 'strict',
          type: 'insert',
          writable: ['body'],
          // What a compiler would refuse.
          check: (async () => false) as unknown as () => boolean,
        })
        .defineMutation({
          collection: 'slow',
          type: 'insert',
          authorize: async ({ user }) => {
            await new Promise((resolve) => setTimeout(resolve, 300))
            if (user.role !== 'admin') throw new Error('admins only')
          },
          execute: ({ op, sql }) =>
            void sql.exec(
              `INSERT INTO slow VALUES (?, 'x') ON CONFLICT DO UPDATE SET body = body || 'x'`,
              op.key,
            ),
        }),
    )
  }

  protected override parseAttachment(request: Request): Claims {
    return JSON.parse(new URL(request.url).searchParams.get('claims') ?? '{}') as Claims
  }

  protected override onSyncEvent(): void {}

  /** Announces rows, waits, and takes them back. */
  async rollBackLate(): Promise<void> {
    await this.ctx.storage
      .transaction(async () => {
        this.sql.exec("INSERT INTO items VALUES ('phantom', 'never was')")
        await new Promise((resolve) => setTimeout(resolve, 50))
        throw new Error('on second thoughts')
      })
      .catch(() => undefined)
  }

  /** One statement succeeds, the next fails, and the author goes on. */
  failHalfway(): void {
    try {
      this.sql.exec("INSERT INTO items VALUES ('half', 'stays'); INSERT INTO nowhere VALUES (1)")
    } catch {
      // The author's mistake.
    }
  }

  write(statement: string): void {
    this.sql.exec(statement)
  }

  read(statement: string): unknown[] {
    return this.ctx.storage.sql.exec(statement).toArray()
  }

  demote(): void {
    this.setClaims(
      () => true,
      ({ claims }) => ({ ...claims, role: 'viewer' }),
    )
  }

  reregister(table: 'items' | 'missing'): void {
    this.#register(table)
  }
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const [, kind, room = '', verb = ''] = new URL(request.url).pathname.split('/')
    const stub = env.MISTAKES.get(env.MISTAKES.idFromName(room))
    if (kind === 'sync') return stub.fetch(request)
    const argument = await request.text()
    const object = stub as unknown as Record<string, (argument: string) => Promise<unknown>>
    return Response.json((await object[verb]?.(argument)) ?? null)
  },
}

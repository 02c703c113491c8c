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
  #isAwaited = false
  #letIn: () => void = () => undefined
  readonly #letInWhen = new Promise<void>((resolve) => {
    this.#letIn = resolve
  })

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env)
    ctx.blockConcurrencyWhile(async () => {
      const { sql } = this
      sql.exec('CREATE TABLE IF NOT EXISTS items (id TEXT PRIMARY KEY, body TEXT NOT NULL)')
      sql.exec('CREATE TABLE IF NOT EXISTS strict (id TEXT PRIMARY KEY, body TEXT NOT NULL)')
      sql.exec('CREATE TABLE IF NOT EXISTS awaited (id TEXT PRIMARY KEY, body TEXT NOT NULL)')
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
      { items: Item; missing: Item; strict: Item; slow: Item; derived: Item; awaited: Item }
    >()
    if (table === 'missing') return this.registerSync(rows.defineCollection({ table: 'missing', pk: 'id' }))
    this.registerSync(
      rows
        .defineCollection({ table: 'items', pk: 'id' })
        .defineCollection({ table: 'strict', pk: 'id' })
        .defineCollection({ table: 'slow', pk: 'id' })
        .defineCollection({ table: 'derived', pk: 'id' })
        .defineCollection({ table: 'awaited', pk: 'id' })
        .defineMutation({
          collection: 'awaited',
          type: 'insert',
          writable: ['body'],
          authorize: () => {
            this.#isAwaited = true
            return this.#letInWhen.then(() => true)
          },
        })
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

  readonly #rollBackLate = async () => {
    this.sql.exec("INSERT INTO items VALUES ('phantom', 'never was')")
    await scheduler.wait(50)
    throw new Error('on second thoughts')
  }

  /** Writes rows, waits, and takes them back. */
  async rollBackLate(): Promise<void> {
    await this.ctx.storage.transaction(this.#rollBackLate).catch(() => undefined)
  }

  /** The same in a way that nobody can watch, so that the rows are announced. */
  async rollBackUnseen(): Promise<void> {
    const { transaction } = Object.getPrototypeOf(this.ctx.storage) as DurableObjectStorage
    await transaction.call(this.ctx.storage, this.#rollBackLate).catch(() => undefined)
  }

  /** Writes a row, waits, and writes another. */
  async commitLate(): Promise<void> {
    await this.ctx.storage.transaction(async () => {
      this.sql.exec("INSERT INTO items VALUES ('early', 'x')")
      await scheduler.wait(50)
      this.sql.exec("INSERT INTO items VALUES ('late', 'x')")
    })
  }

  isAwaited(): boolean {
    return this.#isAwaited
  }

  /** Lets a write in that waits for it, in a transaction that then changes its mind. */
  async letInAndRollBack(): Promise<void> {
    await this.ctx.storage
      .transaction(async () => {
        this.#letIn()
        await this.#rollBackLate()
      })
      .catch(() => undefined)
  }

  /** Writes so much that the log wants to be compacted, waits, and takes it back. */
  async rollBackMuch(): Promise<void> {
    await this.ctx.storage
      .transaction(async () => {
        this.rewrite()
        await this.#rollBackLate()
      })
      .catch(() => undefined)
  }

  /** Writes one row 1,500 times. */
  rewrite(): void {
    for (let i = 0; i < 1500; i++)
      this.sql.exec("INSERT INTO items VALUES ('hot', '') ON CONFLICT DO UPDATE SET body = body")
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

import { DurableObject } from 'cloudflare:workers'
import { Syncable, SyncRegistry } from '@durable-sync/server'
import type { HostingEnv } from './hosting-env.ts'
import type { Claims } from './rows.ts'

/**
 * An object with a life of its own, as frameworks for Durable Objects make them: sockets, routes, an auto-response pair, tables, an
 * alarm, and a member called `sql` that is something else than sync's.
 */
class Host extends DurableObject<HostingEnv> {
  constructor(ctx: DurableObjectState, env: HostingEnv) {
    super(ctx, env)
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair('knock', 'who is there'))
    this.sql`CREATE TABLE IF NOT EXISTS ledger (id TEXT PRIMARY KEY, amount INTEGER)`
  }

  /** A tagged template. */
  sql(texts: TemplateStringsArray, ...values: (string | number)[]): Record<string, SqlStorageValue>[] {
    return this.ctx.storage.sql.exec(texts.join('?'), ...values).toArray()
  }

  override async fetch(request: Request): Promise<Response> {
    if (request.headers.get('upgrade') !== 'websocket')
      return Response.json(this.sql`SELECT id, amount FROM ledger WHERE amount >= ${0} ORDER BY id`)
    const { 0: client, 1: server } = new WebSocketPair()
    this.ctx.acceptWebSocket(server, ['host'])
    server.serializeAttachment({ guest: true })
    return new Response(null, { status: 101, webSocket: client })
  }

  override async webSocketMessage(ws: WebSocket, message: string | ArrayBuffer): Promise<void> {
    this.sql`INSERT INTO ledger (id, amount) VALUES (${String(message)}, ${1})`
    for (const guest of this.ctx.getWebSockets('host')) guest.send(`somebody said ${String(message)}`)
    if (message === 'leave me') ws.close(4999, 'as you wish')
  }

  override async webSocketClose(ws: WebSocket, code: number): Promise<void> {
    this.sql`INSERT INTO ledger (id, amount) VALUES (${`closed ${code}`}, ${0})`
    ws.close(code === 1005 || code === 1006 ? 1000 : code)
  }

  override async alarm(): Promise<void> {
    this.sql`INSERT INTO ledger (id, amount) VALUES (${'alarm'}, ${0})`
  }
}

/** The same with sync beside it: `/hotel/<name>/sync`. */
export class Hotel extends Syncable<typeof Host, Claims>(Host, {
  parseAttachment: (request) => JSON.parse(request.headers.get('x-claims') ?? '{}') as Claims,
}) {
  constructor(ctx: DurableObjectState, env: HostingEnv) {
    super(ctx, env)
    ctx.blockConcurrencyWhile(async () => {
      this.sync.sql.exec('CREATE TABLE IF NOT EXISTS guests (id TEXT PRIMARY KEY, name TEXT) WITHOUT ROWID')
      this.sync.register(
        new SyncRegistry<Claims, HostingEnv, { guests: { id: string; name: string | null } }>()
          .defineCollection({ table: 'guests', pk: 'id' })
          .defineMutation({ collection: 'guests', type: 'insert', writable: ['name'] }),
      )
    })
  }

  triggers(): string[] {
    return this.ctx.storage.sql
      .exec<{ tbl_name: string }>(`SELECT DISTINCT tbl_name FROM sqlite_master WHERE type = 'trigger'`)
      .toArray()
      .map((row) => row.tbl_name)
  }

  ringIn(ms: number): Promise<void> {
    return this.ctx.storage.setAlarm(Date.now() + ms)
  }

  remove(): void {
    this.sync.uninstall()
  }

  tables(): string[] {
    return this.ctx.storage.sql
      .exec<{ name: string }>(`SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name`)
      .toArray()
      .map((row) => row.name)
  }
}

import { DurableObject } from 'cloudflare:workers'
import { Syncable, SyncRegistry } from '@durable-sync/server'
import type { FixtureEnv } from './env.ts'
import type { Claims } from './rows.ts'

/** An object that had sockets, routes and a member called `sql` before sync came: `/lobby/<name>/own` echoes. */
class OwnLife extends DurableObject<FixtureEnv> {
  readonly sql = 'a member of the base class'

  override async fetch(request: Request): Promise<Response> {
    if (request.headers.get('upgrade') !== 'websocket') return new Response(this.sql)
    const { 0: client, 1: server } = new WebSocketPair()
    this.ctx.acceptWebSocket(server, ['own'])
    return new Response(null, { status: 101, webSocket: client })
  }

  override async webSocketMessage(ws: WebSocket, message: string | ArrayBuffer): Promise<void> {
    ws.send(`echo ${String(message)}`)
  }

  override async webSocketClose(ws: WebSocket, code: number): Promise<void> {
    ws.close(code === 1005 || code === 1006 ? 1000 : code)
  }
}

/** The same with sync beside it: `/lobby/<name>/sync`. */
export class Lobby extends Syncable<typeof OwnLife, Claims>(OwnLife, {
  parseAttachment: (request) => JSON.parse(request.headers.get('x-claims') ?? '{}') as Claims,
}) {
  constructor(ctx: DurableObjectState, env: FixtureEnv) {
    super(ctx, env)
    ctx.blockConcurrencyWhile(async () => {
      this.sync.sql.exec(
        'CREATE TABLE IF NOT EXISTS guests (id TEXT PRIMARY KEY, name TEXT NOT NULL) WITHOUT ROWID',
      )
      this.sync.register(
        new SyncRegistry<Claims, FixtureEnv, { guests: { id: string; name: string } }>()
          .defineCollection({ table: 'guests', pk: 'id' })
          .defineMutation({ collection: 'guests', type: 'insert', writable: ['name'] }),
      )
    })
  }
}

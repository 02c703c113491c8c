import { SyncDurableObject } from '@durable-sync/server'
import { type Claims, claimsOf } from '../claims.ts'
import { CREATE_REFUSALS } from '../refusals.ts'
import type { Env } from '../worker.ts'
import { registry } from './registry.ts'

/** One room: its messages, and the names of those who wrote them. */
export class ChatRoom extends SyncDurableObject<Env, Claims> {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env)
    ctx.blockConcurrencyWhile(async () => {
      this.sql.exec(`
        CREATE TABLE IF NOT EXISTS messages (
          id TEXT PRIMARY KEY, author TEXT NOT NULL, content TEXT NOT NULL, created_at INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS people (id TEXT PRIMARY KEY, name TEXT NOT NULL) WITHOUT ROWID;
        ${CREATE_REFUSALS};
      `)
      this.registerSync(registry)
    })
  }

  protected override parseAttachment(request: Request): Claims {
    return claimsOf(request)
  }
}

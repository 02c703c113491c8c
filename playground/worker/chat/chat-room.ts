import { LabObject } from '../lab/lab-object.ts'
import { CREATE_REFUSALS } from '../refusals.ts'
import type { Env } from '../worker.ts'
import { CREATE_LEDGER } from './ledger.ts'
import { registry } from './registry.ts'

/** One room: its messages, the names of those who wrote them, and what became of what they wrote. */
export class ChatRoom extends LabObject {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env)
    ctx.blockConcurrencyWhile(async () => {
      this.sql.exec(`
        CREATE TABLE IF NOT EXISTS messages (
          id TEXT PRIMARY KEY, author TEXT NOT NULL, content TEXT NOT NULL, created_at INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS people (id TEXT PRIMARY KEY, name TEXT NOT NULL) WITHOUT ROWID;
        ${CREATE_REFUSALS};
        ${CREATE_LEDGER};
      `)
      this.registerSync(registry)
    })
  }
}

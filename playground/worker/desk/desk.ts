import { LabObject } from '../lab/lab-object.ts'
import type { Env } from '../worker.ts'
import { deskRegistry } from './registry.ts'

/** What one person keeps for themselves. Its name is their id. */
export class Desk extends LabObject {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env)
    ctx.blockConcurrencyWhile(async () => {
      this.sql.exec(
        'CREATE TABLE IF NOT EXISTS bookmarks (id TEXT PRIMARY KEY, room TEXT NOT NULL, note TEXT NOT NULL) WITHOUT ROWID',
      )
      this.registerSync(deskRegistry)
    })
  }
}

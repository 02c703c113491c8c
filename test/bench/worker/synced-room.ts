import { CLAIMS_HEADER, SyncDurableObject } from '@durable-sync/server'
import type { BenchEnv } from './env.ts'
import { type Claims, registry } from './registry.ts'
import { RoomControl } from './room-control.ts'
import { TABLE } from './table.ts'

/** The product: a room as an application would write it. */
export class SyncedRoom extends SyncDurableObject<BenchEnv, Claims> {
  readonly #control: RoomControl

  constructor(ctx: DurableObjectState, env: BenchEnv) {
    super(ctx, env)
    this.#control = new RoomControl(ctx.storage.sql, this.sql, () => ctx.abort('restart'))
    ctx.blockConcurrencyWhile(async () => {
      this.sql.exec(TABLE)
      this.registerSync(registry)
    })
  }

  protected override parseAttachment(request: Request): Claims {
    return JSON.parse(request.headers.get(CLAIMS_HEADER) ?? '{}') as Claims
  }

  control(verb: string, args: string): string {
    return this.#control.carryOut(verb, args)
  }
}

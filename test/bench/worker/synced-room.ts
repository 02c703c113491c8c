import { CLAIMS_HEADER, SyncDurableObject } from '@durable-sync/server'
import { engineStartedBy } from '../../worker/engine-access.ts'
import type { BenchEnv } from './env.ts'
import { type Claims, registry } from './registry.ts'
import { RoomControl } from './room-control.ts'
import { TABLE } from './table.ts'

/** The product: a room as an application would write it. */
export class SyncedRoom extends SyncDurableObject<BenchEnv, Claims> {
  #control: RoomControl | undefined

  constructor(ctx: DurableObjectState, env: BenchEnv) {
    super(ctx, env)
    ctx.blockConcurrencyWhile(async () => {
      this.sql.exec(TABLE)
      const engine = engineStartedBy(() => this.registerSync(registry))
      const compact = () => engine.housekeeping()?.compact()
      this.#control = new RoomControl(ctx.storage.sql, this.sql, () => ctx.abort('restart'), compact)
    })
  }

  protected override parseAttachment(request: Request): Claims {
    return JSON.parse(request.headers.get(CLAIMS_HEADER) ?? '{}') as Claims
  }

  control(verb: string, args: string): string {
    if (!this.#control) throw new Error('the room has not started')
    return this.#control.carryOut(verb, args)
  }
}

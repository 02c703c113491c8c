import { CLAIMS_HEADER, SyncDurableObject } from '@durable-sync/server'
import { SyncRegistry } from '@durable-sync/server/registry'
import type { BenchEnv } from './env.ts'
import type { Claims, Message } from './registry.ts'
import { RoomControl } from './room-control.ts'
import { shelvesOf, TABLE, tableNames } from './table.ts'

function registryOf(tables: readonly string[]) {
  const registry = new SyncRegistry<Claims, object, { messages: Message }>()
  for (const name of tables) {
    // They differ by name only.
    const table = name as 'messages'
    registry.defineCollection({ table, pk: 'id' }).defineMutation({
      collection: table,
      type: 'insert',
      writable: ['author', 'content', 'created_at'],
    })
  }
  return registry
}

/** The product with as many tables as its name says: `shelves-<tables>-…`. */
export class ShelfRoom extends SyncDurableObject<BenchEnv, Claims> {
  readonly #control: RoomControl

  constructor(ctx: DurableObjectState, env: BenchEnv) {
    super(ctx, env)
    this.#control = new RoomControl(ctx.storage.sql, this.sql, () => ctx.abort('restart'))
    ctx.blockConcurrencyWhile(async () => {
      const tables = tableNames(shelvesOf(ctx.id.name ?? '') ?? 1)
      for (const table of tables) this.sql.exec(TABLE.replace('messages', table))
      this.registerSync(registryOf(tables))
    })
  }

  protected override parseAttachment(request: Request): Claims {
    return JSON.parse(request.headers.get(CLAIMS_HEADER) ?? '{}') as Claims
  }

  control(verb: string, args: string): string {
    return this.#control.carryOut(verb, args)
  }
}

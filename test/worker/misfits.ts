import { SyncDurableObject, SyncRegistry } from '@durable-sync/server'
import type { FixtureEnv } from './env.ts'
import type { Claims } from './rows.ts'

/** Its author forgot `parseAttachment`: every upgrade must be refused with a message that says so. */
export class NoClaims extends SyncDurableObject<FixtureEnv, Claims> {
  constructor(ctx: DurableObjectState, env: FixtureEnv) {
    super(ctx, env)
    this.sql.exec('CREATE TABLE IF NOT EXISTS things (id TEXT PRIMARY KEY)')
    this.registerSync(
      new SyncRegistry<Claims, FixtureEnv, { things: { id: string } }>().defineCollection({
        table: 'things',
        pk: 'id',
      }),
    )
  }
}

/** Registers a table that is not there: sockets must be closed with 4500 while the object's own routes live on. */
export class NoTable extends SyncDurableObject<FixtureEnv, Claims> {
  constructor(ctx: DurableObjectState, env: FixtureEnv) {
    super(ctx, env)
    this.registerSync(
      new SyncRegistry<Claims, FixtureEnv, { things: { id: string } }>().defineCollection({
        table: 'things',
        pk: 'id',
      }),
    )
  }

  protected override parseAttachment(request: Request): Claims {
    return JSON.parse(request.headers.get('x-claims') ?? '{}') as Claims
  }

  override async fetch(request: Request): Promise<Response> {
    return request.headers.has('upgrade') ? super.fetch(request) : new Response('alive')
  }
}

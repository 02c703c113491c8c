import { SyncDurableObject, SyncRegistry } from '@durable-sync/server'
import type { HostingEnv } from './hosting-env.ts'

interface Visitor {
  readonly sub?: string
  readonly exp?: number
  readonly padding?: string
}

/** What an author's `parseAttachment` may do, as the header `x-gate` asks. */
async function visitor(request: Request): Promise<Visitor> {
  switch (request.headers.get('x-gate')) {
    case 'response':
      throw new Response('pay first', { status: 402, headers: { 'x-price': '5' } })
    case 'error':
      throw new Error('a secret of the server')
    case 'nobody':
      return {}
    case 'expired':
      return { sub: 'vera', exp: 1 }
    case 'huge':
      return { sub: 'vera', padding: 'x'.repeat(5000) }
    case 'slow':
      await scheduler.wait(50)
      return { sub: 'vera' }
    default:
      return { sub: 'vera' }
  }
}

/** An object that decides at its own door, and takes no credentials in band. */
export class Gate extends SyncDurableObject<HostingEnv, Visitor> {
  constructor(ctx: DurableObjectState, env: HostingEnv) {
    super(ctx, env)
    this.sql.exec('CREATE TABLE IF NOT EXISTS things (id TEXT PRIMARY KEY)')
    this.registerSync(
      new SyncRegistry<Visitor, HostingEnv, { things: { id: string } }>().defineCollection({
        table: 'things',
        pk: 'id',
      }),
    )
  }

  protected override parseAttachment(request: Request): Visitor | Promise<Visitor> {
    return visitor(request)
  }
}

import { SyncDurableObject, type SyncEvent } from '@durable-sync/server'
import { type Claims, claimsOf } from '../claims.ts'
import type { Env } from '../worker.ts'
import { Meter } from './meter.ts'
import type { MeterReading } from './meter-reading.ts'

/** What the objects of this playground have in common. An application extends `SyncDurableObject`: there is nothing in here that it needs. */
export abstract class LabObject extends SyncDurableObject<Env, Claims> {
  readonly #meter: Meter

  constructor(ctx: DurableObjectState, env: Env) {
    const meter = new Meter(ctx.storage.sql)
    super(ctx, env)
    this.#meter = meter
  }

  /** For the Worker: what this object has used. Asking counts, and wakes it. */
  readMeter(): MeterReading {
    this.#meter.request()
    return this.#meter.read()
  }

  /** For the Worker: ends this object as a crash does. Its sockets close without a word; the next who comes constructs it again. */
  restart(): void {
    this.ctx.abort('Restarted from the lab')
  }

  protected override parseAttachment(request: Request): Claims {
    return claimsOf(request)
  }

  protected override onSyncEvent(event: SyncEvent): void {
    super.onSyncEvent(event)
    if (event.type === 'flushed' || event.type === 'joined') this.#meter.keep()
  }

  override fetch(request: Request): Response | Promise<Response> {
    this.#meter.request()
    return super.fetch(request)
  }

  override webSocketMessage(ws: WebSocket, message: string | ArrayBuffer): void | Promise<void> {
    this.#meter.message()
    const done = super.webSocketMessage(ws, message)
    this.#meter.keep()
    return done
  }
}

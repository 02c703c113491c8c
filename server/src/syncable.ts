import type { DurableObject } from 'cloudflare:workers'
import { ObjectSync } from './object-sync.ts'
import { SyncEngine } from './sync-engine.ts'
import { logErrors, type SyncEvent } from './sync-event.ts'
import { isUpgrade } from './upgrade.ts'

/** How sync lives in an object that has sockets and routes of its own. */
export interface SyncableOptions<Claims> {
  /** Who is behind an upgrade request: the claims that handlers see as `user`. Refuse by throwing. */
  readonly parseAttachment: (request: Request) => Claims | Promise<Claims>
  /** Which upgrades are sync's. Default: those whose path contains the segment `sync`. Everything else goes to the base class. */
  readonly claimsUpgrade?: (url: URL) => boolean
  /** Claims for a token that a client sends on its open socket. Default: not supported. */
  readonly parseToken?: (token: string) => Claims | undefined | Promise<Claims | undefined>
  /** Called with everything that happens, for logs and metrics. Default: errors are logged. */
  readonly onSyncEvent?: (event: SyncEvent) => void
}

/** What the mixin adds: one member, so that nothing of the base class is shadowed. */
export interface Synced<Claims> {
  readonly sync: ObjectSync<Claims>
}

type ObjectConstructor = new (...args: never[]) => DurableObject<unknown>

/**
 * Adds sync to an existing Durable Object class: `class Room extends Syncable<typeof Server, Claims>(Server, { parseAttachment }) {}`.
 * Call `this.sync.register(registry)` in the constructor. Sockets of the base class and of sync never see each other's messages.
 */
export function Syncable<Base extends ObjectConstructor, Claims>(
  base: Base,
  options: SyncableOptions<Claims>,
): new (
  ...args: ConstructorParameters<Base>
) => InstanceType<Base> & Synced<Claims> {
  const Parent = base as unknown as new (ctx: DurableObjectState, env: unknown) => DurableObject<unknown>
  const claims = options.claimsUpgrade ?? ((url: URL) => url.pathname.split('/').includes('sync'))

  class WithSync extends Parent {
    readonly sync: ObjectSync<Claims>
    readonly #engine: SyncEngine

    constructor(ctx: DurableObjectState, env: unknown) {
      super(ctx, env)
      this.#engine = new SyncEngine({
        ctx,
        env,
        parseAttachment: options.parseAttachment,
        parseToken: options.parseToken ?? (() => undefined),
        onSyncEvent: options.onSyncEvent ?? logErrors,
      })
      this.sync = new ObjectSync(this.#engine)
    }

    override fetch(request: Request): Response | Promise<Response> {
      if (isUpgrade(request) && claims(new URL(request.url))) return this.#engine.upgrade(request)
      return super.fetch?.(request) ?? new Response('Not found\n', { status: 404 })
    }

    override webSocketMessage(ws: WebSocket, message: string | ArrayBuffer): void | Promise<void> {
      if (!this.#engine.owns(ws)) return super.webSocketMessage?.(ws, message)
      this.#engine.message(ws, message)
    }

    override webSocketClose(
      ws: WebSocket,
      code: number,
      reason: string,
      wasClean: boolean,
    ): void | Promise<void> {
      if (!this.#engine.owns(ws)) return super.webSocketClose?.(ws, code, reason, wasClean)
      this.#engine.closed(ws, code, reason)
    }

    override webSocketError(ws: WebSocket, error: unknown): void | Promise<void> {
      if (!this.#engine.owns(ws)) return super.webSocketError?.(ws, error)
      this.#engine.closed(ws, 1006, 'error')
    }
  }
  return WithSync as unknown as new (
    ...args: ConstructorParameters<Base>
  ) => InstanceType<Base> & Synced<Claims>
}

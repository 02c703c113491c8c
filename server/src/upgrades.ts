import { CloseCode } from '@durable-sync/core/wire'
import type { EngineHost } from './engine-host.ts'
import { SetupError } from './setup-error.ts'
import type { SocketSet } from './socket-set.ts'
import type { SyncEventSink } from './sync-event.ts'
import type { ResolvedOptions } from './sync-options.ts'
import { admit, isUpgrade, refuseUpgrade, SYNC_TAG } from './upgrade.ts'

export interface UpgradesHost {
  readonly object: Pick<EngineHost, 'ctx' | 'parseAttachment'>
  readonly sockets: SocketSet
  readonly now: () => number
  readonly event: SyncEventSink
  /** As they are now, or why sync does not run. */
  options(): ResolvedOptions | string
}

/** Makes sockets of requests: whoever asks is known and admitted, or is told why not. */
export class Upgrades {
  readonly #host: UpgradesHost

  constructor(host: UpgradesHost) {
    this.#host = host
  }

  async accept(request: Request): Promise<Response> {
    const { object, sockets, now, event } = this.#host
    if (!isUpgrade(request)) return new Response('Expected a WebSocket upgrade\n', { status: 426 })
    const before = this.#host.options()
    if (typeof before === 'string') return refuseUpgrade(CloseCode.misconfigured, before)
    let claims: unknown
    try {
      claims = await object.parseAttachment(request)
    } catch (error) {
      if (error instanceof Response) return error
      if (error instanceof SetupError) {
        console.error(`durable-sync: ${error.message}`)
        return refuseUpgrade(CloseCode.misconfigured, error.message)
      }
      event({ type: 'error', where: 'parseAttachment', error })
      return refuseUpgrade(CloseCode.unauthorized, 'not authenticated')
    }
    // They may be others by now, or sync may be gone.
    const options = this.#host.options()
    if (typeof options === 'string') return refuseUpgrade(CloseCode.misconfigured, options)
    const admission = admit(claims, options.principal, now())
    if (!admission.ok) return refuseUpgrade(admission.code, admission.message)
    const { 0: client, 1: server } = new WebSocketPair()
    object.ctx.acceptWebSocket(server, [SYNC_TAG])
    const socket = sockets.add(server, admission.principal, admission.claims)
    event({ type: 'socket-opened', socket: socket.id, principal: socket.principal })
    return new Response(null, { status: 101, webSocket: client })
  }
}

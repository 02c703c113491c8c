import { SyncSocket } from './sync-socket.ts'
import { SYNC_TAG } from './upgrade.ts'

/** The sockets of this object that are ours. Going through them leaves out those that we closed and whose peer has not answered yet. */
export class SocketSet {
  readonly #ctx: DurableObjectState
  readonly #now: () => number
  readonly #sockets = new Map<WebSocket, SyncSocket>()
  readonly #byId = new Map<string, SyncSocket>()
  /** When many come back at once, each hello asks for its own. */
  readonly #byPrincipal = new Map<string, Set<SyncSocket>>()

  constructor(ctx: DurableObjectState, now: () => number) {
    this.#ctx = ctx
    this.#now = now
  }

  *[Symbol.iterator](): Generator<SyncSocket> {
    for (const socket of this.#sockets.values()) if (socket.isOpen) yield socket
  }

  /** Those of one principal. */
  *of(principal: string): Generator<SyncSocket> {
    for (const socket of this.#byPrincipal.get(principal) ?? []) if (socket.isOpen) yield socket
  }

  add(ws: WebSocket, principal: string, claims: unknown): SyncSocket {
    const socket = SyncSocket.opened(ws, principal, claims, this.#now)
    this.#keep(ws, socket)
    return socket
  }

  /** Sockets that outlived the last instance. One whose attachment cannot be read is of another version: its client says hello anew. */
  restore(): void {
    for (const ws of this.#ctx.getWebSockets(SYNC_TAG)) {
      if (this.#sockets.has(ws)) continue
      const socket = SyncSocket.restored(ws, this.#now)
      if (socket) this.#keep(ws, socket)
      else ws.close(1012, 'the object was updated')
    }
  }

  find(ws: WebSocket): SyncSocket | undefined {
    return this.#sockets.get(ws)
  }

  has(socket: SyncSocket): boolean {
    return this.#byId.has(socket.id)
  }

  remove(ws: WebSocket): SyncSocket | undefined {
    const socket = this.#sockets.get(ws)
    this.#sockets.delete(ws)
    if (socket) this.#forget(socket)
    return socket
  }

  /** About how many there are. */
  get size(): number {
    return this.#sockets.size
  }

  get byId(): ReadonlyMap<string, SyncSocket> {
    return this.#byId
  }

  #keep(ws: WebSocket, socket: SyncSocket): void {
    this.#sockets.set(ws, socket)
    this.#byId.set(socket.id, socket)
    const { principal } = socket
    this.#byPrincipal.set(principal, (this.#byPrincipal.get(principal) ?? new Set()).add(socket))
  }

  #forget(socket: SyncSocket): void {
    this.#byId.delete(socket.id)
    const theirs = this.#byPrincipal.get(socket.principal)
    theirs?.delete(socket)
    if (theirs?.size === 0) this.#byPrincipal.delete(socket.principal)
  }
}

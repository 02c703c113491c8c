import { CloseCode } from '@durable-sync/core/wire'
import type { Connection } from './connection.ts'
import type { SocketSet } from './socket-set.ts'
import type { SyncEventSink } from './sync-event.ts'
import type { SyncSocket } from './sync-socket.ts'
import { admit } from './upgrade.ts'

/** So many credentials of one socket are looked at at a time: the author's code may take for ever. */
const MAX_LOOKUPS = 8

type ConnectionFilter = (connection: Connection<unknown>) => boolean

export interface ConnectionsHost {
  readonly sockets: SocketSet
  readonly event: SyncEventSink
  readonly now: () => number
  /** Those of the installation that is there now: a further `registerSync` may have come while a token was looked at. */
  current(): Connections | undefined
  /** Claims for a token that came in band; undefined when the author does not support that. */
  parseToken(token: string): unknown
  principalOf(claims: unknown): string | null
  /** Its subscriptions are kept elsewhere from now on. */
  makeRoom(socket: SyncSocket): void
  /** What this socket may read has perhaps changed. */
  reconsider(socket: SyncSocket): void
}

/** The open sockets, as the author administers them, and the credentials that their clients renew. */
export class Connections {
  readonly #host: ConnectionsHost

  constructor(host: ConnectionsHost) {
    this.#host = host
  }

  list(): Connection<unknown>[] {
    return [...this.#host.sockets].map(({ id, principal, claims, client, openedAt }) => ({
      id,
      principal,
      claims,
      client,
      openedAt,
    }))
  }

  disconnect(filter: ConnectionFilter, code: number, message: string): number {
    const chosen = [...this.#host.sockets].filter((socket) => filter(socket))
    for (const socket of chosen) socket.close(code, message)
    return chosen.length
  }

  /** Replaces the claims of open sockets. One whose principal would change is closed instead: it holds somebody else's rows. */
  setClaims(filter: ConnectionFilter, claimsOf: (connection: Connection<unknown>) => unknown): number {
    const { sockets, principalOf, now, makeRoom, reconsider } = this.#host
    const chosen = [...sockets].filter((socket) => filter(socket))
    for (const socket of chosen) {
      const admission = admit(claimsOf(socket), principalOf, now())
      if (!admission.ok) socket.close(admission.code, admission.message)
      else if (admission.principal !== socket.principal)
        socket.close(CloseCode.forbidden, 'the claims are of somebody else')
      else {
        if (!socket.setClaims(admission.claims)) {
          makeRoom(socket)
          socket.setClaims(admission.claims)
        }
        reconsider(socket)
      }
    }
    return chosen.length
  }

  /** A client has sent new credentials on its open socket. */
  async authenticate(socket: SyncSocket, token: string): Promise<void> {
    const refuse = (code: 'auth-unsupported' | 'auth-failed', message: string) =>
      socket.send({ type: 'refused', re: 'frame', code, message })
    if (socket.lookups >= MAX_LOOKUPS) return refuse('auth-failed', 'earlier credentials are still looked at')
    const turn = socket.nextCredentials()
    socket.lookups++
    try {
      const claims = await this.#host.parseToken(token)
      // Credentials that were sent later have been looked at sooner.
      if (turn !== socket.credentials) return
      if (claims === undefined) return refuse('auth-unsupported', 'this server takes no credentials in band')
      const renewed = this.#host.current()?.setClaims(
        (connection) => connection.id === socket.id,
        () => claims,
      )
      if (renewed) socket.send({ type: 'authed' })
    } catch (error) {
      this.#host.event({ type: 'error', where: 'parseToken', error })
      refuse('auth-failed', 'the credentials were not accepted')
    } finally {
      socket.lookups--
    }
  }
}

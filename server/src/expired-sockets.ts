import { CloseCode } from '@durable-sync/core/wire'
import { expiryOf } from './principal.ts'
import type { SyncSocket } from './sync-socket.ts'

/** True when it has been closed, because its claims are over. */
export function closeIfExpired(socket: SyncSocket, now: number): boolean {
  if (expiryOf(socket.claims) > now) return false
  socket.close(CloseCode.unauthorized, 'the credentials have expired')
  return true
}

export function closeExpired(sockets: Iterable<SyncSocket>, now: () => number): void {
  for (const socket of sockets) closeIfExpired(socket, now())
}

import type { Transport } from '../transport/transport.ts'
import { SyncClient } from './sync-client.ts'

const clients = new WeakMap<Transport, SyncClient>()

/** The one client of a bare transport, in memory only, shared by every collection on it. */
export function sharedClient(transport: Transport): SyncClient {
  const known = clients.get(transport)
  if (known) return known
  const client = new SyncClient({ transport })
  clients.set(transport, client)
  return client
}

import type { Transport } from '../transport/transport.ts'
import { SyncClient } from './sync-client.ts'

const clients = new WeakMap<Transport, SyncClient>()

/** The one client of a bare transport, in memory only, shared by every collection on it. */
export function sharedClient(transport: Transport): SyncClient {
  const known = clients.get(transport)
  if (known) return known
  const client = new SyncClient({ transport })
  clients.set(transport, client)
  // Nobody else was handed this client, so nobody else would see that the application or its developer has to act.
  client.status.subscribe(() => {
    const status = client.status.get()
    if (status.state === 'failed') console.error(`durable-sync: ${status.cause.message}`)
    if (status.state === 'needs-auth' || status.state === 'disconnected')
      console.warn(`durable-sync: ${status.cause.message}`)
  })
  return client
}

import { doCollectionOptions, SyncClient, WebSocketTransport } from '@durable-sync/core'
import { createCollection } from '@tanstack/db'
import { controlOf } from './control.ts'
import { countedSockets } from './counted-sockets.ts'
import { Gate } from './gate.ts'
import type { Row } from './row.ts'
import type { BenchClient, Side, SideOptions } from './side.ts'
import type { registry } from './worker/registry.ts'

/** The product as an application uses it. */
export function product(options: SideOptions): Side {
  return {
    name: 'product',
    client: (room, user, author) => productClient(options, room, user, author),
    control: controlOf(options.port, 'product'),
  }
}

function productClient(
  { port, compression }: SideOptions,
  room: string,
  user: string,
  author?: string,
): BenchClient {
  const { WebSocket, traffic, cut } = countedSockets(compression)
  const gate = new Gate()
  const url = `ws://127.0.0.1:${port}/sync/${room}?user=${user}`
  const client = new SyncClient<typeof registry>({
    transport: new WebSocketTransport({
      // The client waits before it dials again, at random. The gate is behind that wait, so no figure contains it.
      url: () => gate.pass().then(() => url),
      WebSocket,
    }),
  })
  const rows = createCollection(
    doCollectionOptions({
      client,
      table: 'messages',
      ...(author === undefined ? {} : { where: { author } }),
    }),
  )
  return {
    rows: rows satisfies { get(key: string): Row | undefined },
    traffic,
    leave: () => {
      const arrived = gate.shut()
      cut()
      return arrived
    },
    comeBack: () => gate.open(),
    close: async () => {
      await client.close()
      await rows.cleanup()
    },
  }
}

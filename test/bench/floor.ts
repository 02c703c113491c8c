import { createCollection } from '@tanstack/db'
import { BareClient } from './bare-client.ts'
import { controlOf } from './control.ts'
import { countedSockets } from './counted-sockets.ts'
import { cellsOf, type Row, rowOf } from './row.ts'
import type { BenchClient, Side, SideOptions } from './side.ts'
import type { RowCells } from './worker/room-verbs.ts'

/** A bare object, and a TanStack collection for each of its clients that is fed by hand. */
export function floor(options: SideOptions): Side {
  return {
    name: 'floor',
    client: (room) => floorClient(options, room),
    control: controlOf(options.port, 'floor'),
  }
}

interface Feed {
  readonly begin: () => void
  readonly write: (message: { type: 'update'; value: Row }) => void
  readonly commit: () => unknown
  readonly markReady: () => void
}

function floorClient({ port, compression }: SideOptions, room: string): BenchClient {
  const { WebSocket, traffic, cut } = countedSockets(compression)
  let feed: Feed | undefined
  const apply = (rows: readonly RowCells[]) => {
    feed?.begin()
    for (const cells of rows) feed?.write({ type: 'update', value: rowOf(cells) })
    feed?.commit()
    feed?.markReady()
  }
  const client = new BareClient({ url: `ws://127.0.0.1:${port}/bare/${room}`, WebSocket, apply })
  const write = (verb: 'insert' | 'update', rows: readonly { readonly modified: Row }[]) =>
    client.write(
      verb,
      rows.map(({ modified }) => cellsOf(modified)),
    )
  const rows = createCollection<Row, string>({
    getKey: ({ id }) => id,
    gcTime: 0,
    sync: {
      rowUpdateMode: 'full',
      sync: (surface) => {
        feed = surface
        client.dial()
      },
    },
    onInsert: ({ transaction }) => write('insert', transaction.mutations),
    onUpdate: ({ transaction }) => write('update', transaction.mutations),
  })
  return {
    rows,
    traffic,
    leave: async () => cut(),
    comeBack: () => client.dial(),
    close: async () => {
      client.close()
      await rows.cleanup()
    },
  }
}

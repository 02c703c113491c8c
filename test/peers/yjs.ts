import { once } from 'node:events'
import YProvider from 'y-partyserver/provider'
import { Doc } from 'yjs'
import { controlOf } from '../bench/control.ts'
import { countedSockets } from '../bench/counted-sockets.ts'
import type { Row } from '../bench/row.ts'
import type { BenchClient, Side, SideOptions } from '../bench/side.ts'
import { AT_ONCE, ObservedRows } from './observed-rows.ts'
import { StoredRooms } from './stored-rooms.ts'

const NAME = 'Yjs'

/** One map of plain rows in a document, and the provider of y-partyserver. */
export function yjs(options: SideOptions): Side {
  const stored = new StoredRooms(options.port, NAME)
  return {
    name: NAME,
    client: (room) => client(options, room, stored),
    control: stored.remembering(controlOf(options.port, NAME)),
    settled: stored.settled,
  }
}

function client({ port, compression }: SideOptions, room: string, stored: StoredRooms): BenchClient {
  const { WebSocket: Socket, traffic, cut } = countedSockets(compression)
  const doc = new Doc()
  const map = doc.getMap<Omit<Row, 'id'>>('messages')
  const provider = new YProvider(`127.0.0.1:${port}`, room, doc, {
    party: 'yjs',
    connect: false,
    WebSocketPolyfill: Socket as unknown as typeof WebSocket,
  })
  // No other side tells who is there. Left on, every client repeats what it hears of each other one, and 50 of them are busy for seconds.
  provider.awareness.setLocalState(null)
  // `map.size` walks over all entries, and workloads ask for it after every change.
  const known = new Set<string>()
  const observed = new ObservedRows()
  map.observe(({ keysChanged }) => {
    for (const key of keysChanged) {
      if (map.has(key)) known.add(key)
      else known.delete(key)
    }
    observed.tell(() => [...keysChanged].map((key) => ({ key, value: { id: key, ...map.get(key) } as Row })))
  })
  const disconnected = async () => {
    const { ws } = provider
    if (ws === null) return
    const ended = once(ws as unknown as EventTarget, 'close')
    cut()
    await ended
  }

  return {
    rows: {
      get size() {
        return known.size
      },
      preload: async () => {
        const synced = new Promise<void>((resolve) => provider.on('synced', () => resolve()))
        await provider.connect()
        await synced
      },
      insert: (rows) => {
        const given = Array.isArray(rows) ? rows : [rows]
        stored.inserted(room, given)
        doc.transact(() => {
          for (const { id, ...row } of given) map.set(id, row)
        })
        return AT_ONCE
      },
      update: (key, change) => {
        const row = { ...(map.get(key) as Omit<Row, 'id'>) }
        change(row)
        stored.changed(room, key, row.content)
        map.set(key, row)
        return AT_ONCE
      },
      subscribeChanges: observed.subscribeChanges,
    },
    traffic,
    leave: () => {
      // Otherwise it would dial again after 100 ms.
      provider.shouldConnect = false
      return disconnected()
    },
    comeBack: () => void provider.connect(),
    close: async () => {
      provider.shouldConnect = false
      await disconnected()
      provider.destroy()
      doc.destroy()
    },
  }
}

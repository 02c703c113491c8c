import { createMergeableStore } from 'tinybase'
import { createWsSynchronizer, type WsSynchronizer } from 'tinybase/synchronizers/synchronizer-ws-client'
import type { WebSocket } from 'ws'
import { controlOf } from '../bench/control.ts'
import { countedSockets } from '../bench/counted-sockets.ts'
import type { Row } from '../bench/row.ts'
import type { BenchClient, Side, SideOptions } from '../bench/side.ts'
import { AT_ONCE, ObservedRows } from './observed-rows.ts'
import { StoredRooms } from './stored-rooms.ts'

const NAME = 'TinyBase'
const TABLE = 'messages'
/** Its default, in seconds. */
const REQUEST_TIMEOUT = 1

/** MergeableStore, and the synchronizer for WebSockets, as the documentation has them. */
export function tinybase(options: SideOptions): Side {
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
  const store = createMergeableStore()
  const observed = new ObservedRows()
  const rowOf = (id: string) => ({ key: id, value: { id, ...store.getRow(TABLE, id) } as Row })
  let changed: string[] = []
  store.addRowListener(TABLE, null, (_store, _table, id) => changed.push(id))
  store.addDidFinishTransactionListener(() => {
    const ids = changed
    changed = []
    if (ids.length > 0) observed.tell(() => ids.map(rowOf))
  })

  let synchronizer: WsSynchronizer<WebSocket> | undefined
  const dial = async () => {
    // A request that was not answered in time is told to nobody else.
    let failures = 0
    const socket = new Socket(`ws://127.0.0.1:${port}/${room}`)
    const made = await createWsSynchronizer(store, socket, REQUEST_TIMEOUT, undefined, undefined, () => {
      failures++
    })
    synchronizer = made
    await made.startSync()
    for (let seen = 0; failures > seen; ) {
      seen = failures
      await made.load()
    }
  }

  return {
    rows: {
      get size() {
        return store.getRowCount(TABLE)
      },
      preload: dial,
      insert: (rows) => {
        const given = Array.isArray(rows) ? rows : [rows]
        stored.inserted(room, given)
        store.transaction(() => {
          for (const { id, ...cells } of given) store.setRow(TABLE, id, cells)
        })
        return AT_ONCE
      },
      update: (key, change) => {
        const draft = { content: '' }
        change(draft)
        stored.changed(room, key, draft.content)
        store.setCell(TABLE, key, 'content', draft.content)
        return AT_ONCE
      },
      subscribeChanges: observed.subscribeChanges,
    },
    traffic,
    leave: async () => {
      cut()
      await synchronizer?.destroy()
    },
    comeBack: () => void dial(),
    close: async () => {
      await synchronizer?.destroy()
    },
  }
}

import { indexedDBStorage } from '../../../core/src/persistence/indexeddb-storage.ts'
import type { DeviceStorage, RoomStorage, ShapeRows } from '../../../core/src/persistence/room-storage.ts'
import { shapeKey } from '../../../core/src/stream/shape-key.ts'
import type { Block, Position } from '../../../core/src/wire/index.ts'
import { cellsOf, type Row } from '../row.ts'
import { type PageStore, timed } from './page-store.ts'

const SPEC = { collection: 'messages' }
const KEY = shapeKey(SPEC)

const at = (seq: number): Position => `${seq}.n.o` as Position
const seqOf = (position: Position): number => Number(position.split('.')[0])

const blockOf = (rows: readonly Row[]): Block => ({
  cols: ['id', 'author', 'content', 'created_at'],
  up: rows.map((row) => [...cellsOf(row)]),
  del: [],
})

const shapeOf = (rows: readonly Row[]): ShapeRows => ({
  key: KEY,
  spec: SPEC,
  token: 't',
  keyColumn: 'id',
  kinds: {},
  onDemand: false,
  at: at(1),
  boundary: undefined,
  blocks: [blockOf(rows)],
})

/** Opens the room of a database, as a page that starts does. */
async function within<T>(name: string, work: (room: RoomStorage) => Promise<T>): Promise<T> {
  const device: DeviceStorage = indexedDBStorage({ name: 'bench', user: name }).open('wss://bench.test')
  const result = await work(device.room('room'))
  await device.close()
  return result
}

/** The product: segments and a log. */
export const engine: PageStore = {
  keepRows: (name, rows) =>
    within(name, async (room) => void (await room.commit({ replace: [shapeOf(rows)] }))),
  keepWrites: (name, rows) =>
    within(name, async (room) => {
      const putWrites = rows.map(({ id, ...cols }, i) => ({
        id,
        cid: 'c',
        n: i + 1,
        sent: false,
        work: { do: 'mutate', ops: [{ collection: 'messages', type: 'insert', key: id, cols }] } as const,
        schemaVersion: 1,
        queuedAt: 1,
      }))
      await room.commit({ putWrites })
    }),
  keepChanges: (name, changes) =>
    within(name, async (room) => {
      const times: number[] = []
      let [{ position: from } = { position: at(1) }] = (await room.load()).shapes
      for (const rows of changes) {
        const to = at(seqOf(from) + 1)
        const shapes = [{ key: KEY, blocks: [blockOf(rows)] }]
        times.push(await timed(() => room.commit({ passes: [{ from, to, shapes }] })))
        from = to
      }
      return times
    }),
  readRows: (name) =>
    within(name, async (room) => {
      const { shapes } = await room.load()
      return shapes.flatMap(({ blocks }) => blocks).reduce((sum, { up }) => sum + up.length, 0)
    }),
  readWrites: (name) => within(name, async (room) => (await room.load()).writes.length),
}

/** What a room that is in use takes to read again: all of it, and its queue alone. In milliseconds. */
export const readAgain = (name: string): Promise<{ readonly room: number; readonly queue: number }> =>
  within(name, async (room) => {
    await room.load()
    return { room: await timed(() => room.load()), queue: await timed(() => room.queue()) }
  })

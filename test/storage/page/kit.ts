import { openDB } from 'idb'
import { compact, planCompaction } from '../../../core/src/persistence/compaction.ts'
import { type Database, databaseName, REGISTRY } from '../../../core/src/persistence/database-layout.ts'
import { indexedDBStorage } from '../../../core/src/persistence/indexeddb-storage.ts'
import type {
  DeviceStorage,
  NewFailure,
  NewWrite,
  RoomStorage,
  ShapeRows,
  StoredPass,
  StoredShape,
} from '../../../core/src/persistence/room-storage.ts'
import { foldBlocks } from '../../../core/src/stream/fold-blocks.ts'
import { shapeKey } from '../../../core/src/stream/shape-key.ts'
import type { Block, Cell, Position, SubscriptionSpec } from '../../../core/src/wire/index.ts'

export { deleteDB, openDB } from 'idb'
export { digestKey } from '../../../core/src/wire/index.ts'
export * from './faults.ts'
export * from './note-client.ts'
export * from './records.ts'
export { indexedDBStorage, REGISTRY, shapeKey }

export const ENDPOINT = 'wss://example.test/sync'
export type Options = Omit<Parameters<typeof indexedDBStorage>[0], 'name' | 'user'>

/** On a machine that is busy an open takes its time: unless it is about that, no test is. */
const OPEN_MS = 20_000

export const device = (user: string, { timings, ...options }: Options = {}): DeviceStorage =>
  indexedDBStorage({ name: 'app', user, ...options, timings: { openMs: OPEN_MS, ...timings } }).open(ENDPOINT)

export const nameOf = (user: string, format = 1): string =>
  databaseName({ app: 'app', endpoint: ENDPOINT, user }, format)

export const at = (seq: number, nonce = 'n'): Position => `${seq}.${nonce}.o` as Position

export const COLS = ['id', 'rank', 'title']
export const row = (i: number, title = `row ${i}`): Cell[] => [`k${String(i).padStart(6, '0')}`, i, title]
export const block = (up: Cell[][], del: string[] = []): Block => ({ cols: COLS, up, del })

export const spec = (collection: string, rank?: number): SubscriptionSpec =>
  rank === undefined ? { collection } : { collection, where: { op: 'eq', column: 'rank', value: rank } }

export function shape(
  of: SubscriptionSpec,
  position: Position,
  up: Cell[][],
  more: Partial<ShapeRows> = {},
): ShapeRows {
  return {
    key: shapeKey(of),
    spec: of,
    token: 't',
    keyColumn: 'id',
    kinds: {},
    onDemand: false,
    at: position,
    boundary: undefined,
    blocks: [block(up)],
    ...more,
  }
}

/** A pass of one shape, from one number to the next. */
export const pass = (key: string, from: number, to: number, blocks: Block[], nonce = 'n'): StoredPass => ({
  from: at(from, nonce),
  to: at(to, nonce),
  shapes: [{ key, blocks }],
})

export const write = (id: string, more: Partial<NewWrite> = {}): NewWrite => ({
  id,
  cid: 'c',
  n: null,
  sent: false,
  work: { do: 'mutate', ops: [{ collection: 'todos', type: 'insert', key: id, cols: { id } }] },
  schemaVersion: 1,
  queuedAt: 1,
  ...more,
})

export const failure = (id: string, more: Partial<NewFailure> = {}): NewFailure => ({
  id,
  code: 'forbidden',
  message: 'no',
  work: write(id).work,
  number: { cid: 'c', n: 1 },
  queuedAt: 1,
  failedAt: 2,
  ...more,
})

export interface Seen {
  readonly position: string
  readonly boundary: unknown
  readonly titles: Readonly<Record<string, unknown>>
}

/** Titles of the rows of a shape by key: what a client makes of it. */
export function seen({ blocks, keyColumn, position, boundary }: StoredShape): Seen {
  const { up } = foldBlocks(blocks, keyColumn, '')
  const titles: Record<string, unknown> = {}
  for (const [key, { cols, cells }] of up) titles[key] = cells[cols.indexOf('title')]
  return { position, boundary, titles }
}

/** What another page would find. */
export async function reloaded(user: string, room: string): Promise<Readonly<Record<string, Seen>>> {
  const fresh = device(user)
  const { shapes } = await fresh.room(room).load()
  await fresh.close()
  return Object.fromEntries(shapes.map((each) => [each.key, seen(each)]))
}

export const keptWrites = async (user: string): Promise<string[]> => (await keptQueue(user)).writes

/** What another page would find. */
export async function keptQueue(user: string): Promise<{ writes: string[]; failed: string[] }> {
  const fresh = device(user)
  const { writes, failed } = await fresh.queue()
  await fresh.close()
  return { writes: writes.map(({ id }) => id), failed: failed.map(({ id }) => id) }
}

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

export async function until(what: () => boolean | Promise<boolean>, ms = 5000): Promise<void> {
  for (const end = Date.now() + ms; !(await what()); await sleep(10)) {
    if (Date.now() > end) throw new Error('it did not happen')
  }
}

/** Compacts a shape as an idle tab does; `meanwhile` happens between the reading and the writing. */
export async function compactShape(
  user: string,
  key: string,
  meanwhile: () => Promise<unknown> = async () => {},
) {
  const database: Database = await openDB(nameOf(user))
  try {
    const plan = await planCompaction(database, 'room', key)
    await meanwhile()
    return plan && (await compact(database, plan))
  } finally {
    database.close()
  }
}

/** Open rooms by name, for tests that go on in a later call. */
export const rooms = new Map<string, { device: DeviceStorage; room: RoomStorage }>()

/** The open room of a user; loaded. */
export async function openRoom(user: string, name = 'room', options: Options = {}): Promise<RoomStorage> {
  const opened = device(user, options)
  const room = opened.room(name)
  await room.load()
  rooms.set(user, { device: opened, room })
  return room
}

import { type Database, STORES, toRange, under } from './database-layout.ts'
import { endOf, type KeptShape, readShape, toldShape } from './kept-shape.ts'
import { type RecordReader, type Records, readCut } from './read-records.ts'
import type { StoredFailure, StoredQueue, StoredShape, StoredWrite } from './room-storage.ts'
import type { Thru } from './thru.ts'
import { decodeFailure, decodeWrite, isFailure } from './write-record.ts'

export interface QueueCut extends StoredQueue {
  /** Those of `failed` that are kept as writes, and cannot be read as such. */
  readonly unreadable: readonly StoredFailure[]
}

/** What is kept of one room, and what of it is of no use. */
export interface RoomCut extends QueueCut {
  readonly shapes: readonly { readonly kept: KeptShape; readonly told: StoredShape }[]
  /** Shapes of which something cannot be read, or whose head is gone. */
  readonly spoilt: readonly { readonly key: string; readonly generation: number }[]
}

const ROWS = ['heads', 'segs', 'log'] as const
const QUEUE = ['writes', 'marks', 'failed'] as const

export const readRoom = (database: Database, room: string): Promise<RoomCut> =>
  readCut(database, STORES, async (records) => {
    const range = toRange(under(room))
    const [texts, thru, used, queue] = await Promise.all([
      readTexts(records, range),
      records.all('thru', IDBKeyRange.only(room)),
      records.all('used', range),
      readWrites(records, room, range),
    ])
    const usedAt = new Map(used.keys.map(([, shape], i) => [shape, used.values[i] ?? 0]))
    return { ...readShapes(texts, readThru(thru.values[0]), usedAt), ...queue }
  })

/** The queue of one room, without its rows. */
export const readRoomQueue = (database: Database, room: string): Promise<QueueCut> =>
  readCut(database, QUEUE, (records) => readWrites(records, room, toRange(under(room))))

/** The queues of all rooms. */
export async function readQueue(database: Database): Promise<StoredQueue> {
  const { writes, failed } = await readCut(database, QUEUE, (records) => readWrites(records))
  return { writes, failed }
}

/** One shape, for compaction. @throws when a record is not what was written. */
export const readOneShape = (database: Database, room: string, key: string): Promise<KeptShape | undefined> =>
  readCut(database, ROWS, async (records) => {
    const texts = (await readTexts(records, toRange(under(room, key)))).get(key)
    return texts?.head === undefined ? undefined : readShape(key, { ...texts, head: texts.head })
  })

/** Where these writes are, of those that are there. */
export async function placesOf(database: Database, ids: readonly string[]): Promise<Map<string, number>> {
  if (ids.length === 0) return new Map()
  const index = database.transaction('writes', 'readonly').store.index('id')
  const ords = await Promise.all(ids.map((id) => index.getKey(id)))
  return new Map(ids.flatMap((id, i) => (ords[i] === undefined ? [] : [[id, ords[i]] as const])))
}

interface Texts {
  readonly generation: number
  /** Undefined where only leavings of an older generation are there. */
  readonly head: string | undefined
  readonly segments: string[]
  readonly log: string[]
}

/** By shape, of the newest generation. */
async function readTexts(records: RecordReader, range: IDBKeyRange): Promise<Map<string, Texts>> {
  const [heads, segs, log] = await Promise.all([
    records.all('heads', range),
    records.all('segs', range),
    records.all('log', range),
  ])
  const shapes = new Map<string, Texts>()
  const open = (key: string, generation: number, head?: string): Texts => {
    const shape = { generation, head, segments: [], log: [] }
    shapes.set(key, shape)
    return shape
  }
  // Ascending: the last head of a shape is the newest.
  for (const [i, [, key, generation]] of heads.keys.entries()) open(key, generation, heads.values[i] ?? '')
  for (const [i, [, key, generation]] of segs.keys.entries()) {
    const shape = shapes.get(key) ?? open(key, generation)
    if (shape.generation === generation) shape.segments.push(segs.values[i] ?? '')
  }
  for (const [i, [, key]] of log.keys.entries())
    (shapes.get(key) ?? open(key, 0)).log.push(log.values[i] ?? '')
  return shapes
}

function readShapes(
  texts: ReadonlyMap<string, Texts>,
  thru: Thru,
  usedAt: ReadonlyMap<string, number>,
): Pick<RoomCut, 'shapes' | 'spoilt'> {
  const shapes: RoomCut['shapes'][number][] = []
  const spoilt: RoomCut['spoilt'][number][] = []
  for (const [key, { head, ...rest }] of texts) {
    try {
      if (head === undefined) throw new SyntaxError('the head is missing')
      const kept = readShape(key, { head, ...rest })
      const end = endOf(kept)
      const [node, beyond] = thru[key] ?? []
      const position = beyond !== undefined && node === end.text ? beyond : end.position
      shapes.push({ kept, told: toldShape(kept, position, usedAt.get(key) ?? 0) })
    } catch {
      // One shape that cannot be read must not cost the others, nor the writes: its rows come from the server again.
      spoilt.push({ key, generation: rest.generation })
    }
  }
  return { shapes, spoilt }
}

function readThru(text: string | undefined): Thru {
  try {
    return text === undefined ? {} : (JSON.parse(text) as Thru)
  } catch {
    // The shapes are where their last records say.
    return {}
  }
}

async function readWrites(records: RecordReader, room?: string, range?: IDBKeyRange): Promise<QueueCut> {
  const [writes, marks, failed] = await Promise.all([
    records.writes(room),
    records.all('marks', range),
    records.all('failed', range),
  ])
  const markOf = new Map(marks.keys.map((key, i) => [JSON.stringify(key), marks.values[i] ?? '']))
  const read = writes.keys.flatMap((ord, i) => {
    const value = writes.values[i]
    return value ? [decodeWrite(ord, value, markOf.get(JSON.stringify([value.room, value.id])))] : []
  })
  const unreadable = read.filter((record): record is StoredFailure => isFailure(record))
  return {
    writes: read.filter((record): record is StoredWrite => !isFailure(record)),
    failed: [...readFailed(failed), ...unreadable],
    unreadable,
  }
}

const readFailed = ({ keys, values }: Records<'failed'>): StoredFailure[] =>
  keys.map(([room, id], i) => decodeFailure(room, id, values[i] ?? ''))

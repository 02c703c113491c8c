import type { StoreKey, StoreValue } from 'idb'
import type { Database, Layout, StoreName, WriteValue } from './database-layout.ts'

/** What a store has in a range, in the order of the keys. A value that is lost is undefined. */
export interface Records<S extends StoreName> {
  readonly keys: readonly StoreKey<Layout, S>[]
  readonly values: readonly (StoreValue<Layout, S> | undefined)[]
}

/** Reads stores of one database. */
export interface RecordReader {
  all<S extends Exclude<StoreName, 'writes'>>(store: S, range?: IDBKeyRange): Promise<Records<S>>
  /** Of one room, or of all. */
  writes(room?: string): Promise<Records<'writes'>>
}

/**
 * Runs `read` in one readonly transaction. Engines keep large values in files of their own, and fail the whole transaction when one of
 * those is gone: then everything is read piece by piece, and only what is gone is lost.
 */
export async function readCut<T>(
  database: Database,
  stores: readonly StoreName[],
  read: (records: RecordReader) => Promise<T>,
): Promise<T> {
  try {
    return await read(atOnce(database, stores))
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'NotReadableError') throw error
    return await read(pieceByPiece(database))
  }
}

function begin(database: Database, stores: readonly StoreName[]) {
  const transaction = database.transaction(stores, 'readonly')
  // What makes it fail is told by the request that failed.
  transaction.done.catch(() => {})
  return transaction
}

function atOnce(database: Database, stores: readonly StoreName[]): RecordReader {
  const cut = begin(database, stores)
  return {
    all: async (name, range) => {
      const store = cut.objectStore(name)
      const [keys, values] = await Promise.all([store.getAllKeys(range), store.getAll(range)])
      return { keys, values }
    },
    writes: async (room) => {
      const store = cut.objectStore('writes')
      const index = store.index('room')
      const [keys, values] = await Promise.all(
        room === undefined
          ? [store.getAllKeys(), store.getAll()]
          : [index.getAllKeys(room), index.getAll(room)],
      )
      return { keys, values }
    },
  }
}

function pieceByPiece(database: Database): RecordReader {
  /** A request that fails takes its transaction along: each has its own. */
  const valueAt = async <S extends StoreName>(name: S, key: StoreKey<Layout, S>) => {
    try {
      return await begin(database, [name]).objectStore(name).get(key)
    } catch {
      return undefined
    }
  }
  return {
    all: async (name, range) => {
      const keys = await begin(database, [name]).objectStore(name).getAllKeys(range)
      return { keys, values: await Promise.all(keys.map((key) => valueAt(name, key))) }
    },
    writes: async (room) => {
      const [ids, rooms] = await Promise.all([indexOf(database, 'id'), indexOf(database, 'room')])
      const keys = [...ids.keys()].filter((ord) => room === undefined || rooms.get(ord) === room)
      const values: WriteValue[] = []
      for (const ord of keys.sort((a, b) => a - b)) {
        const lost = { room: rooms.get(ord) ?? '', id: ids.get(ord) ?? '', text: '' }
        values.push((await valueAt('writes', ord)) ?? lost)
      }
      return { keys, values }
    },
  }
}

/** An index, by place. It does not need the values. */
async function indexOf(database: Database, name: 'id' | 'room'): Promise<ReadonlyMap<number, string>> {
  const found = new Map<number, string>()
  const index = begin(database, ['writes']).objectStore('writes').index(name)
  for (let cursor = await index.openKeyCursor(); cursor; cursor = await cursor.continue())
    found.set(cursor.primaryKey, cursor.key)
  return found
}

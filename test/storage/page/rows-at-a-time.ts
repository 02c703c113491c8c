import { openDB } from 'idb'

/** What the engine is measured against: one record for each row, and the position beside them. */
export async function rowsAtATime(name: string) {
  const database = await openDB(name, 1, {
    upgrade: (created) => {
      created.createObjectStore('rows')
      created.createObjectStore('position')
    },
  })
  return {
    put: async (rows: readonly object[], key: (row: object) => string, position: string): Promise<void> => {
      const transaction = database.transaction(['rows', 'position'], 'readwrite', { durability: 'relaxed' })
      const store = transaction.objectStore('rows')
      for (const row of rows) void store.put(row, key(row))
      void transaction.objectStore('position').put(position, 'at')
      transaction.commit()
      await transaction.done
    },
    load: async (): Promise<Map<string, object>> => {
      const transaction = database.transaction(['rows', 'position'], 'readonly')
      const store = transaction.objectStore('rows')
      const [keys, rows] = await Promise.all([store.getAllKeys(), store.getAll()])
      await transaction.objectStore('position').get('at')
      return new Map(keys.map((key, i) => [String(key), rows[i] as object]))
    },
    close: () => database.close(),
  }
}

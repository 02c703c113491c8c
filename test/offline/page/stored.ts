interface Stored {
  readonly database: string
  readonly store: string
  readonly text: string
}

const answer = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })

/** Every record of every database of this origin, with its key, as text. */
export async function stored(): Promise<Stored[]> {
  const found: Stored[] = []
  for (const { name: database = '' } of await indexedDB.databases()) {
    const opened = await answer(indexedDB.open(database))
    for (const store of opened.objectStoreNames) {
      const records = opened.transaction(store).objectStore(store)
      const [keys, values] = await Promise.all([answer(records.getAllKeys()), answer(records.getAll())])
      for (const [i, key] of keys.entries()) {
        found.push({ database, store, text: `${JSON.stringify(key)} ${JSON.stringify(values[i])}` })
      }
    }
    opened.close()
  }
  return found
}

import { openDB } from 'idb'

/** Looks into, or spoils, a database behind the back of the engine. One that is not there yet is not made: it would be one without stores. */
async function inside<T>(
  name: string,
  mode: IDBTransactionMode,
  store: string,
  work: (store: IDBObjectStore) => IDBRequest<T>,
): Promise<T> {
  const database = await openDB(name, undefined, { upgrade: (_made, _from, _to, change) => change.abort() })
  try {
    return await new Promise((resolve, reject) => {
      const transaction = (database as unknown as { transaction: IDBDatabase['transaction'] }).transaction(
        store,
        mode,
      )
      const request = work(transaction.objectStore(store)) as unknown as Promise<T>
      request.then(resolve, reject)
    })
  } finally {
    database.close()
  }
}

export const keysOf = (name: string, store: string): Promise<IDBValidKey[]> =>
  inside(name, 'readonly', store, (records) => records.getAllKeys())

export const valuesOf = (name: string, store: string): Promise<unknown[]> =>
  inside(name, 'readonly', store, (records) => records.getAll())

export const put = (name: string, store: string, key: IDBValidKey, value: unknown): Promise<IDBValidKey> =>
  inside(name, 'readwrite', store, (records) => records.put(value, key))

export const remove = (name: string, store: string, key: IDBValidKey): Promise<undefined> =>
  inside(name, 'readwrite', store, (records) => records.delete(key))

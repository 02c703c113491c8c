import type { Storage, StoredWrite } from './storage.ts'

/** Keeps nothing beyond the page: what is in memory is as durable as it will get. */
export function memoryStorage(): Storage {
  const writes = new Map<string, StoredWrite>()
  return {
    putWrite: async (write) => void writes.set(write.id, write),
    deleteWrites: async (ids) => {
      for (const id of ids) writes.delete(id)
    },
    close: async () => writes.clear(),
  }
}

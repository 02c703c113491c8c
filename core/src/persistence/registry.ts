import { type DBSchema, deleteDB, type IDBPDatabase, openDB } from 'idb'
import { type Database, type Owner, REGISTRY } from './database-layout.ts'
import { readQueue } from './read-room.ts'
import type { LeftBehind } from './room-storage.ts'

/** What is known of a database without opening it. Nothing of the user is in it. */
interface Entry {
  readonly app: string
  readonly endpoint: string
  readonly format: number
  readonly usedAt: number
  readonly purgedAt: number | null
}

interface RegistryLayout extends DBSchema {
  databases: { key: string; value: Entry }
}

/** A deletion that a frozen tab blocks would make the next sign-in hang: it waits until nobody is likely to come back. */
const PURGED_FOR_MS = 24 * 3_600_000

/** The registry is a help. Without it everything works, and nobody finds what was left behind. */
async function withRegistry<T>(
  work: (registry: IDBPDatabase<RegistryLayout>) => Promise<T>,
  otherwise: T,
): Promise<T> {
  try {
    const registry = await openDB<RegistryLayout>(REGISTRY, 1, {
      upgrade: (created) => void created.createObjectStore('databases'),
      blocking: () => registry.close(),
    })
    try {
      return await work(registry)
    } finally {
      registry.close()
    }
  } catch {
    return otherwise
  }
}

export function register({ owner, format }: { owner: Owner; format: number }, name: string): Promise<void> {
  const { app, endpoint } = owner
  const entry: Entry = { app, endpoint, format, usedAt: Date.now(), purgedAt: null }
  return withRegistry(async (registry) => void (await registry.put('databases', entry, name)), undefined)
}

export const markPurged = (name: string): Promise<void> =>
  withRegistry(async (registry) => {
    const entry = await registry.get('databases', name)
    if (entry) await registry.put('databases', { ...entry, purgedAt: Date.now() }, name)
  }, undefined)

/** Deletes databases that were purged long ago. Not awaited: a tab that is open keeps it waiting. */
export const sweep = (): Promise<void> =>
  withRegistry(async (registry) => {
    const [names, entries] = await Promise.all([
      registry.getAllKeys('databases'),
      registry.getAll('databases'),
    ])
    for (const [i, name] of names.entries()) {
      const purgedAt = entries[i]?.purgedAt ?? null
      if (purgedAt === null || Date.now() - purgedAt < PURGED_FOR_MS) continue
      deleteDB(name).catch(() => {})
      await registry.delete('databases', name)
    }
  }, undefined)

/** Every database but `own` that has writes or failures. */
export async function leftBehind(own: string): Promise<readonly LeftBehind[]> {
  const entries = await withRegistry(async (registry) => {
    const [names, values] = await Promise.all([
      registry.getAllKeys('databases'),
      registry.getAll('databases'),
    ])
    return names.map((name, i) => ({ name, entry: values[i] }))
  }, [])
  const found: LeftBehind[] = []
  for (const { name, entry } of entries) {
    if (name === own || !entry || entry.purgedAt !== null) continue
    const queue = await visit(name, readQueue)
    const { app, endpoint, format, usedAt } = entry
    const [writes, failed] = [queue?.writes.length ?? 0, queue?.failed.length ?? 0]
    if (writes + failed > 0) found.push({ database: name, app, endpoint, format, usedAt, writes, failed })
  }
  return found
}

/** Does something with a database of somebody else, if it is there. */
export async function visit<T>(
  name: string,
  work: (database: Database) => Promise<T>,
): Promise<T | undefined> {
  try {
    const database: Database = await openDB(name, 1, {
      // It is not there: it must not come to be by being looked at.
      upgrade: (_created, _old, _new, transaction) => transaction.abort(),
      blocking: () => database.close(),
    })
    try {
      return await work(database)
    } finally {
      database.close()
    }
  } catch {
    return undefined
  }
}

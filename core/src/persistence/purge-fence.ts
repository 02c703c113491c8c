import type { Database } from './database-layout.ts'
import { StorageClosed } from './storage-closed.ts'

/** The user has signed out in another tab, which this one has not heard: it was frozen, say. */
export class Purged extends StorageClosed {}

const births = new WeakMap<Database, string>()

/** From here on everything that is written through `database` fails once the user of that birth has signed out. */
export function raiseFence(database: Database, birth: string): void {
  births.set(database, birth)
}

/** The record of `spare` that is there when the user of that birth has signed out. */
export const fenceKey = (birth: string): string => `purged ${birth}`

/** The record that must not be there when something is written through `database`. */
export function fenceOf(database: Database): string | undefined {
  const birth = births.get(database)
  return birth === undefined ? undefined : fenceKey(birth)
}

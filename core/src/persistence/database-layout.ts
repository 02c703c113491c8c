import type { DBSchema, IDBPDatabase, StoreNames } from 'idb'
import { digestKey } from '../wire/key-digest.ts'

/**
 * The stores of one database. All values are JSON text, so that nothing can fail to be cloned. Keys begin with the room.
 *
 * heads   [room, shape, generation]           what a shape is, and the state that its segments are of; added once, never changed
 * segs    [room, shape, generation, i]        up to 500 of its rows
 * log     [room, shape, seq, nodes]           what has happened since, one record for what was kept at once
 * thru    room                                where shapes are that saw nothing since their last record
 * used    [room, shape]                       when it was last used, in milliseconds; a number
 * writes  ord, given by the store             a write; `id` is unique, so that a write that is kept again is kept once
 * marks   [room, id]                          number and mark of a write, where they have changed
 * failed  [room, id]                          a refused write
 * spare   'ballast'                           room that is given up when the disk is full, so that writes still fit
 *         'birth'                             says which database this is: one that was deleted and made again is another one, and so is
 *                                             one whose user has signed out
 *         'purged ' + birth                   the user has signed out, and what was forgotten: who has opened that one writes no more
 */
export interface Layout extends DBSchema {
  heads: { key: [room: string, shape: string, generation: number]; value: string }
  segs: { key: [room: string, shape: string, generation: number, index: number]; value: string }
  log: { key: [room: string, shape: string, seq: number, nodes: string]; value: string }
  thru: { key: string; value: string }
  used: { key: [room: string, shape: string]; value: number }
  writes: { key: number; value: WriteValue; indexes: { id: string; room: string } }
  marks: { key: [room: string, id: string]; value: string }
  failed: { key: [room: string, id: string]; value: string }
  spare: { key: string; value: string }
}

export interface WriteValue {
  readonly room: string
  readonly id: string
  readonly text: string
}

export type StoreName = StoreNames<Layout>
export const STORES = ['heads', 'segs', 'log', 'thru', 'used', 'writes', 'marks', 'failed', 'spare'] as const
export type Database = IDBPDatabase<Layout>

/**
 * The number of the layout and of what the texts say. It is part of the database's name and never a version in place: an upgrade would
 * wait for tabs with the old code, and a downgrade would fail.
 */
export const FORMAT = 1
const PREFIX = 'durable-sync'

/** Who the data belongs to, and where it comes from. */
export interface Owner {
  readonly app: string
  readonly endpoint: string
  readonly user: string
}

/** Names say nothing of the user. */
export function databaseName({ app, endpoint, user }: Owner, format: number): string {
  const text = JSON.stringify([app, endpoint, user])
  return `${PREFIX}/${format}/${digestKey('a', text).toString(36)}${digestKey('b', text).toString(36)}`
}

export const REGISTRY = `${PREFIX}/registry`
export const BALLAST = 'x'.repeat(256 * 1024)

export const newBirth = (): string => `${Date.now()} ${Math.random()}`

/** Makes the stores of a database that has just come to be, in the transaction in which it does. */
export function createStores(database: Database): void {
  for (const name of STORES) {
    if (name === 'writes') continue
    const store = database.createObjectStore(name)
    if (name !== 'spare') continue
    void store.put(newBirth(), 'birth')
    void store.put(BALLAST, 'ballast')
  }
  const writes = database.createObjectStore('writes', { autoIncrement: true })
  writes.createIndex('id', 'id', { unique: true })
  writes.createIndex('room', 'room')
}

/** Keys that begin with `start`. An array sorts after all else that a key can be. */
export interface KeyRange {
  readonly lower: IDBValidKey[]
  /** Excluded. */
  readonly upper: IDBValidKey[]
}

export const under = (...start: IDBValidKey[]): KeyRange => ({ lower: start, upper: [...start, []] })

/** Keys under `start` whose next part is below `end`. */
export const below = (start: readonly IDBValidKey[], end: number): KeyRange => ({
  lower: [...start],
  upper: [...start, end],
})

export const toRange = ({ lower, upper }: KeyRange): IDBKeyRange =>
  IDBKeyRange.bound(lower, upper, false, true)

import {
  doCollectionOptions,
  indexedDBStorage,
  type LogoutOptions,
  SyncClient,
  WebSocketTransport,
} from '@durable-sync/core'
import { createCollection } from '@tanstack/db'
import type { FixtureApi } from '../../worker/registry.ts'

export { stored } from './stored.ts'

export interface OpenOptions {
  readonly url: string
  readonly user: string
  readonly room: string
  readonly settleOn?: 'device' | 'server'
}

const ENDPOINT = 'test'

let opened: OpenOptions
let client: SyncClient<FixtureApi>
let notes: ReturnType<typeof collectionOf>
/** When the first row was shown, in milliseconds since the page was asked for. */
let firstRowAt: number | undefined
let reported: string[] = []

const collectionOf = (of: SyncClient<FixtureApi>) =>
  createCollection(doCollectionOptions({ client: of, table: 'notes' }))

/** One page of an app: a client with storage, and a collection that somebody looks at. */
export function open(options: OpenOptions): void {
  const { url, user, room, settleOn = 'device' } = options
  opened = options
  client = new SyncClient<FixtureApi>({
    transport: new WebSocketTransport({ url }),
    storage: indexedDBStorage({ name: 'offline-test', user }),
    settleOn,
    keptAs: { endpoint: ENDPOINT, room },
  })
  notes = collectionOf(client)
  notes.subscribeChanges(
    () => {
      if (notes.size > 0) firstRowAt ??= performance.now()
    },
    { includeInitialState: true },
  )
}

addEventListener('error', (event) => reported.push(String(event.error?.stack ?? event.message)))
addEventListener('unhandledrejection', (event) => reported.push(String(event.reason?.stack ?? event.reason)))

export const complaints = (): string[] => {
  const told = reported
  reported = []
  return told
}

export const firstRow = (): number | undefined => firstRowAt
export const size = (): number => notes.size
export const shown = (): string[] => notes.toArray.map(({ id, title }) => `${id}=${title}`).sort()
export const status = (): string => client.status.get().state
export const health = (): string => client.storage.get().health.is
export const pending = (): number => client.pendingWrites.get().count
export const failed = (): string[] =>
  client.failedWrites.get().items.map(({ code, ops }) => `${code} ${ops[0]?.key}`)

export const insert = async (id: string, title: string): Promise<void> => {
  await notes.insert({ id, slug: id, title }).isPersisted.promise
}
/** One that the server refuses. */
export const insertRefused = async (id: string, title: string): Promise<void> => {
  await notes.insert({ id, slug: null as never, title }).isPersisted.promise
}
export const update = async (id: string, title: string): Promise<void> => {
  const edit = (row: { title: string }) => {
    row.title = title
  }
  await notes.update(id, edit).isPersisted.promise
}
export const remove = async (id: string): Promise<void> => {
  await notes.delete(id).isPersisted.promise
}

/** How many rows the next page would find on this device, before any connection. */
export async function keptRows(): Promise<number> {
  const { user, room } = opened
  const device = indexedDBStorage({ name: 'offline-test', user }).open(ENDPOINT)
  const { shapes } = await device.room(room).load()
  await device.close()
  return shapes.flatMap(({ blocks }) => blocks).reduce((sum, { up }) => sum + up.length, 0)
}

/** `done`, or the code of what kept it from happening. */
export const logout = (options: LogoutOptions): Promise<string> =>
  client.logout(options).then(
    () => 'done',
    (error: { readonly code: string }) => error.code,
  )

export const role = (): string => client.tab.get()

/** Writes as a user does: one after the other, each when the last is kept. */
export async function writeMany(prefix: string, count: number, pauseMs: number, start = 0): Promise<void> {
  for (let i = start; i < start + count; i++) {
    await insert(`${prefix}-${String(i).padStart(3, '0')}`, prefix)
    await new Promise((resolve) => setTimeout(resolve, pauseMs))
  }
}

/** Writes for ever, and tells each that is kept. */
export async function writeTelling(prefix: string): Promise<void> {
  const told = (globalThis as unknown as { kept: (id: string) => Promise<void> }).kept
  for (let i = 0; ; i++) {
    const id = `${prefix}-${String(i).padStart(4, '0')}`
    await insert(id, prefix)
    await told(id)
  }
}

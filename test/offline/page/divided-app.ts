import { doCollectionOptions, indexedDBStorage, SyncClient, WebSocketTransport } from '@durable-sync/core'
import { createCollection, createLiveQueryCollection, eq } from '@tanstack/db'
import type { FixtureApi } from '../../worker/registry.ts'

export interface DividedOptions {
  readonly url: string
  /** Whose storage it has. Absent: none. */
  readonly user?: string
  readonly room: string
}

let client: SyncClient<FixtureApi>
let notes: ReturnType<typeof collectionOf>

const collectionOf = (how: {
  readonly syncMode?: 'on-demand'
  readonly where?: { readonly title: string }
}) => createCollection(doCollectionOptions({ client, table: 'notes', ...how }))

export function open({ url, user, room }: DividedOptions): void {
  client = new SyncClient<FixtureApi>({
    transport: new WebSocketTransport({ url }),
    ...(user !== undefined && {
      storage: indexedDBStorage({ name: 'divided-test', user }),
      settleOn: 'device',
      keptAs: { endpoint: 'test', room },
    }),
  })
  client.storage.subscribe(() => hear(client.storage.get().health))
  notes = collectionOf({})
  notes.subscribeChanges(() => {})
}

let filtered: ReturnType<typeof collectionOf>
let onDemand: ReturnType<typeof collectionOf>
let asked: ReturnType<typeof titled>
const titled = (title: string) =>
  createLiveQueryCollection((q) => q.from({ n: onDemand }).where(({ n }) => eq(n.title, title)))

/** Collections that need what a page does not load at once. */
export function openOthers(title: string): void {
  filtered = collectionOf({ where: { title } })
  const { syncState } = filtered.utils
  syncState.subscribe(() => hear(syncState.get()))
  filtered.subscribeChanges(() => {})
  onDemand = collectionOf({ syncMode: 'on-demand' })
  const { syncState: demanded } = onDemand.utils
  demanded.subscribe(() => hear(demanded.get()))
  asked = titled(title)
  asked.subscribeChanges(() => {})
}

const ids = (rows: readonly { readonly id: string }[]): string =>
  rows
    .map(({ id }) => id)
    .sort()
    .join()
/** What the collections show: one with all rows, one with a filter, one on demand. */
export const shown = (): string[] => [notes.toArray, filtered.toArray, asked.toArray].map(ids)

/** Codes of what went wrong so far. */
export const heard: string[] = []
function hear(state: object): void {
  const { error, cause } = state as { readonly error?: unknown; readonly cause?: unknown }
  const { code } = (error ?? cause ?? {}) as { readonly code?: string }
  if (code !== undefined) heard.push(code)
}

export const health = (): string => client.storage.get().health.is
export const role = (): string => client.tab.get()
export const pending = (): number => client.pendingWrites.get().count
export const insert = async (id: string, title: string): Promise<void> => {
  await notes.insert({ id, slug: id, title }).isPersisted.promise
}

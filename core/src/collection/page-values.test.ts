import { collectionOptions, DbClient, type DehydratedDbState } from '@tanstack/db'
import { afterEach, expect, test, vi } from 'vitest'
import { createSync } from '../client/create-sync.ts'
import { defaultEnvironment } from '../client/environment.ts'
import type { SyncClient } from '../client/sync-client.ts'
import { createTestServer, type TestServer } from '../test-server/index.ts'
import { doCollectionOptions } from './do-collection-options.ts'

interface Thing {
  readonly id: string
  readonly done: boolean
  readonly dueAt: Date | null
  readonly views: bigint
  readonly avatar: Uint8Array
  /** A document: whatever JSON says. */
  readonly meta: unknown
}

interface Api {
  readonly collections: { readonly things: { readonly row: Thing; readonly key: 'id' } }
  readonly commands: Readonly<Record<never, never>>
}

const thing = (id: string, given: Partial<Thing> = {}): Thing => ({
  id,
  done: true,
  dueAt: new Date(5),
  views: 7n,
  avatar: new Uint8Array([1, 255]),
  meta: null,
  ...given,
})

const servers: { close(): Promise<void> }[] = []
afterEach(async () => void (await Promise.all(servers.splice(0).map((server) => server.close()))))

function open(...rows: readonly Thing[]) {
  const columns = { done: 'boolean', dueAt: 'date', views: 'bigint', avatar: 'bytes', meta: 'json' } as const
  const server = createTestServer<Api>({ collections: { things: { columns, rows } } })
  servers.push(server)
  return server
}

const things = collectionOptions('things', (db) =>
  doCollectionOptions({ client: db.requireDependency<SyncClient<Api>>('sync'), table: 'things' }),
)

/** What a server puts into its page. */
async function rendered(server: TestServer<Api>): Promise<DehydratedDbState> {
  const client = createSync<Api>({ url: 'ws://x/sync' }).room('home')
  client.hydrate(server.snapshot({ table: 'things' }))
  const db = new DbClient({ sync: client })
  await db.collection(things).preload()
  return db.dehydrate()
}

/** The page, once it is live. */
async function page(server: TestServer<Api>, state: DehydratedDbState) {
  const reported: unknown[] = []
  const reportError = (error: unknown) => void reported.push(error)
  const client = server.client({ environment: { ...defaultEnvironment(), reportError } })
  const db = new DbClient({ sync: client })
  db.hydrate(state)
  const collection = db.collection(things)
  collection.subscribeChanges(() => {})
  await vi.waitFor(() => expect(collection.utils.syncState.get().phase).toBe('live'), { timeout: 10_000 })
  const rows = [...collection.values()].map(({ id, done, dueAt, views, avatar, meta }) => ({
    id,
    done,
    dueAt,
    views,
    avatar,
    meta,
  }))
  return { rows, received: collection.utils.stats().received, reported }
}

test.each<[string, unknown]>([
  ['a document', { a: [1, null, 'x'] }],
  ['text', 'words'],
  ['text that reads like a number', '5'],
  ['text that reads like a document', '{"a":1}'],
  ['a truth value', true],
  ['a number', 5],
  ['nothing', null],
])('a json column that holds %s has the same after a server has rendered it [J1]', async (_name, meta) => {
  const rows = [thing('a', { meta })]
  const server = open(...rows)
  expect(server.rows('things')).toEqual(rows)
  const { received, ...shown } = await page(server, structuredClone(await rendered(server)))
  expect([shown, received]).toEqual([{ rows, reported: [] }, 0])
})

test('what a json column is written with is what everybody reads', async () => {
  const server = open()
  const client = server.client()
  const db = new DbClient({ sync: client })
  const collection = db.collection(things)
  await collection.preload()
  const rows = [thing('a', { meta: true }), thing('b', { meta: '5' })]
  await collection.insert(rows).isPersisted.promise
  expect(server.rows('things')).toEqual(rows)
  expect([collection.get('a')?.meta, collection.get('b')?.meta]).toEqual([true, '5'])
})

test('a state whose bytes were lost on the way is said, and the rows are the server’s [J4]', async () => {
  const rows = [thing('a', { meta: 'x' })]
  const server = open(...rows)
  const state = structuredClone(await rendered(server))
  // As JSON leaves them.
  for (const { rows } of state.collections)
    for (const { value } of rows) Object.assign(value, { avatar: { 0: 1, 1: 255 } })
  const shown = await page(server, state)
  expect(shown).toMatchObject({ rows, reported: [{ code: 'value-invalid' }] })
})

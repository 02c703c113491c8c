import { collectionOptions, createLiveQueryCollection, DbClient } from '@tanstack/db'
import { afterEach, expect, test, vi } from 'vitest'
import { createSync } from '../client/create-sync.ts'
import { defaultEnvironment } from '../client/environment.ts'
import type { SyncClient } from '../client/sync-client.ts'
import { type TodoApi, todo } from '../client/testing/todo-room.ts'
import { createTestServer } from '../test-server/index.ts'
import { doCollectionOptions } from './do-collection-options.ts'

const servers: { close(): Promise<void> }[] = []
afterEach(async () => void (await Promise.all(servers.splice(0).map((server) => server.close()))))

function open() {
  const columns = { done: 'boolean' } as const
  const rows = [todo('a'), todo('b'), todo('c')]
  const server = createTestServer<TodoApi>({ collections: { todos: { columns, rows }, notes: {} } })
  servers.push(server)
  return server
}

const until = (check: () => unknown) => vi.waitFor(check, { timeout: 10_000, interval: 1 })
const keysOf = (collection: { keys(): Iterable<unknown> }) => [...collection.keys()].sort()

/** As an app says it once, for the server and the browser. */
const todos = collectionOptions('todos', (db) =>
  doCollectionOptions({ client: db.requireDependency('sync') as SyncClient<TodoApi>, table: 'todos' }),
)
const dbOf = (sync: SyncClient<TodoApi>) => new DbClient({ sync })

/** What a server puts into its page. */
async function rendered(server: ReturnType<typeof open>, from: 'snapshot' | 'nowhere' = 'snapshot') {
  const client = createSync<TodoApi>({ url: 'ws://x/sync' }).room('home')
  if (from === 'snapshot') client.hydrate(server.snapshot({ table: 'todos' }))
  const db = dbOf(client)
  const collection = db.collection(todos, {
    ...(from === 'nowhere' ? { initialData: server.rows('todos') } : {}),
  })
  if (from === 'snapshot') await collection.preload()
  return JSON.parse(JSON.stringify(db.dehydrate())) as ReturnType<DbClient['dehydrate']>
}

/** A page that was rendered on a server. */
function page(server: ReturnType<typeof open>, state: ReturnType<DbClient['dehydrate']>) {
  const reported: unknown[] = []
  const environment = {
    ...defaultEnvironment(),
    reportError: (error: unknown) => void reported.push(error),
  }
  const client = server.client({ environment })
  const db = dbOf(client)
  db.hydrate(state)
  const collection = db.collection(todos)
  const sizes: number[] = []
  const show = () => collection.subscribeChanges(() => void sizes.push(collection.size))
  const live = () => until(() => expect(collection.utils.syncState.get().phase).toBe('live'))
  return { client, db, collection, reported, sizes, show, live }
}

test('rows of a server’s DbClient are there at once, and the browser loads only what changed since [J1, J5]', async () => {
  const server = open()
  const state = await rendered(server)
  expect(state.collections[0]?.rows).toHaveLength(3)
  server.put('todos', todo('d'), todo('a', 'changed'))
  server.delete('todos', 'b')
  const { collection, show, live, sizes } = page(server, state)
  expect(keysOf(collection)).toEqual(['a', 'b', 'c'])
  show()
  expect([collection.status, collection.size]).toEqual(['ready', 3])
  await live()
  expect(keysOf(collection)).toEqual(['a', 'c', 'd'])
  expect(collection.get('a')?.title).toBe('changed')
  expect(collection.utils.stats().received).toBe(2)
  expect(Math.min(...sizes)).toBe(3)
})

test('rows whose place nobody knows stay until the server has answered, and then those that it does not have leave [J2]', async () => {
  const server = open()
  const state = await rendered(server, 'nowhere')
  server.delete('todos', 'b')
  server.put('todos', todo('d'))
  const { collection, show, live, sizes } = page(server, state)
  server.hold()
  show()
  await until(() => expect(server.connections).toBe(1))
  expect(keysOf(collection)).toEqual(['a', 'b', 'c'])
  server.release()
  await live()
  expect(keysOf(collection)).toEqual(['a', 'c', 'd'])
  expect(Math.min(...sizes)).toBeGreaterThanOrEqual(3)
})

test('rows of an older page under a collection that is live are repaired [J3]', async () => {
  const server = open()
  const old = await rendered(server)
  server.delete('todos', 'b')
  server.put('todos', todo('a', 'changed'))
  const { collection, db, show, live } = page(server, { collections: [] })
  show()
  await live()
  db.hydrate(old)
  expect(keysOf(collection)).toEqual(['a', 'c'])
  expect(collection.get('a')?.title).toBe('changed')
})

test('of two pages the older place counts, and both are brought up to date [J3, J5]', async () => {
  const server = open()
  const older = await rendered(server)
  server.delete('todos', 'b')
  server.put('todos', todo('d'))
  const newer = await rendered(server)
  server.delete('todos', 'c')
  for (const states of [
    [older, newer],
    [newer, older],
  ]) {
    const { collection, show, live } = page(server, {
      collections: states.flatMap(({ collections }) => collections),
    })
    show()
    await live()
    expect(keysOf(collection)).toEqual(['a', 'd'])
  }
})

test.each([
  ['of another version', { v: 99, place: null }],
  ['no place', { v: 1, place: { of: 'x', at: 'nowhere', shape: 's', key: 'id', kinds: {} } }],
  ['no meta at all', 'yesterday'],
  ['one without kinds', (place: object) => ({ v: 1, place: { ...place, kinds: null } })],
  [
    'one with a kind that there is not',
    (place: object) => ({ v: 1, place: { ...place, kinds: { id: 'colour' } } }),
  ],
])('a place that is %s is said, and the collection is as the server has it [J4]', async (_name, syncMeta) => {
  const server = open()
  const state = await rendered(server)
  server.delete('todos', 'b')
  const { collection, reported, show, live } = page(server, {
    collections: state.collections.map((each) => ({
      ...each,
      syncMeta:
        typeof syncMeta === 'function' ? syncMeta((each.syncMeta as { place: object }).place) : syncMeta,
    })),
  })
  expect(reported).toMatchObject([{ code: 'snapshot-invalid' }])
  show()
  await live()
  expect(keysOf(collection)).toEqual(['a', 'c'])
})

test('a collection that has begun to move exports no place [J5]', async () => {
  const server = open()
  const { collection, db, show, live } = page(server, await rendered(server))
  show()
  await live()
  expect(db.dehydrate().collections[0]).toMatchObject({ collectionId: 'todos', syncMeta: undefined })
  expect(collection.size).toBe(3)
})

test('what the page is writing stays when rows of an older page come under it', async () => {
  const server = open()
  const old = await rendered(server)
  server.delete('todos', 'b')
  const { collection, db, live } = page(server, { collections: [] })
  collection.subscribeChanges(() => {})
  await live()
  server.hold()
  const { isPersisted } = collection.insert(todo('mine'))
  const edited = collection.update('a', (draft) => {
    draft.title = 'mine, too'
  })
  db.hydrate(old)
  expect(collection.has('mine')).toBe(true)
  expect(collection.get('a')?.title).toBe('mine, too')
  server.release()
  await Promise.all([isPersisted.promise, edited.isPersisted.promise])
  await until(() => expect(keysOf(collection)).toEqual(['a', 'c', 'mine']))
  expect(collection.get('a')?.title).toBe('mine, too')
})

test.each(['snapshot', 'nowhere'] as const)(
  'rows from %s are taken off the screen when the user signs out before the server has answered',
  async (from) => {
    const server = open()
    const { client, collection, show } = page(server, await rendered(server, from))
    server.disconnect()
    show()
    expect(collection.size).toBe(3)
    await client.logout()
    expect(collection.size).toBe(0)
  },
)

test('two DbClients make a collection each of one description', () => {
  const server = open()
  const client = server.client()
  const described = collectionOptions(doCollectionOptions({ client, table: 'todos', id: 'todos' }))
  expect(dbOf(client).collection(described)).not.toBe(dbOf(client).collection(described))
})

test('ordered queries render on the server from the rows of a snapshot [J6]', async () => {
  const server = open()
  const client = createSync<TodoApi>({ url: 'ws://x/sync' }).room('home')
  client.hydrate(server.snapshot({ table: 'todos' }))
  const db = dbOf(client)
  const newest = createLiveQueryCollection({
    query: (q) => q.from({ t: db.collection(todos) }).orderBy(({ t }) => t.title, 'desc'),
    gcTime: 0,
  })
  await newest.preload()
  expect([...newest.values()].map(({ id }) => id)).toEqual(['c', 'b', 'a'])
})

test('a collection whose listener throws when rows of the page leave is live nevertheless', async () => {
  const server = open()
  const state = await rendered(server, 'nowhere')
  server.delete('todos', 'b')
  const { collection, reported, live } = page(server, state)
  const hear = (changes: readonly { readonly type: string }[]) => {
    if (changes.some(({ type }) => type === 'delete')) throw new Error('a listener')
  }
  collection.subscribeChanges(hear, { includeInitialState: true })
  await live()
  expect([keysOf(collection), reported]).toEqual([['a', 'c'], [new Error('a listener')]])
})

import * as newest from '@tanstack/db'
import * as oldest from 'tanstack-db-oldest'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { doCollectionOptions } from '../collection/do-collection-options.ts'
import { memoryDevice } from '../persistence/memory-device.ts'
import { createTestServer } from '../test-server/index.ts'
import type { Cell, Snapshot } from '../wire/index.ts'
import { createSync } from './create-sync.ts'
import { defaultEnvironment } from './environment.ts'
import type { SyncClient } from './sync-client.ts'
import type { SyncClientOptions } from './sync-client-options.ts'
import { type TodoApi, todo } from './testing/todo-room.ts'

const versions = [
  ['0.15.2', newest],
  ['0.9.2', oldest as unknown as typeof newest],
] as const

const servers: { close(): Promise<void> }[] = []
afterEach(async () => {
  vi.useRealTimers()
  vi.restoreAllMocks()
  await Promise.all(servers.splice(0).map((server) => server.close()))
})

function open() {
  const columns = { done: 'boolean' } as const
  const rows = [todo('a'), todo('b'), todo('c')]
  const server = createTestServer<TodoApi>({ collections: { todos: { columns, rows }, notes: {} } })
  servers.push(server)
  return server
}

const until = (check: () => unknown) => vi.waitFor(check, { timeout: 10_000, interval: 1 })
/** As it comes out of the page. */
const fromPage = (snapshot: Snapshot): Snapshot => JSON.parse(JSON.stringify(snapshot)) as Snapshot

/** The same todos in an earlier version of the application. */
interface EarlierApi {
  readonly collections: {
    readonly todos: { readonly row: { uid: string; title: string; done: boolean }; readonly key: 'uid' }
  }
  readonly commands: Readonly<Record<never, never>>
}

/** The same with a row of its own. */
const withRow =
  (row: readonly Cell[]) =>
  (snapshot: Snapshot): Snapshot => ({
    ...snapshot,
    blocks: snapshot.blocks.map((block) => ({ ...block, up: [row] })),
  })
const windowed = (snapshot: Snapshot): Snapshot => ({
  ...snapshot,
  window: { order: [{ column: 'title', descending: false, nulls: 'first', text: 'binary' }], limit: 2 },
})

/** A client that says what it has reported. */
function reporting(server: ReturnType<typeof open>, options: Omit<SyncClientOptions, 'transport'> = {}) {
  const reported: unknown[] = []
  const environment = {
    ...defaultEnvironment(),
    reportError: (error: unknown) => void reported.push(error),
  }
  return { client: server.client({ environment, ...options }), reported }
}

describe.each(versions)('rows that came with the page, under @tanstack/db %s', (_, db) => {
  const todosOf = (client: SyncClient<TodoApi>) =>
    db.createCollection(doCollectionOptions({ client, table: 'todos' }))
  const keysOf = (collection: { keys(): Iterable<unknown> }) => [...collection.keys()].sort()

  test('are there in the first moment, and only what changed since then is loaded [J1]', async () => {
    const server = open()
    const snapshot = fromPage(server.snapshot({ table: 'todos' }))
    server.put('todos', todo('d'), todo('a', 'changed'))
    server.delete('todos', 'b')
    const client = server.client()
    client.hydrate(snapshot)
    const todos = todosOf(client)
    const rows = todos.subscribeChanges(() => {})
    expect([todos.status, keysOf(todos)]).toEqual(['ready', ['a', 'b', 'c']])
    await until(() => expect(todos.utils.syncState.get().phase).toBe('live'))
    expect(keysOf(todos)).toEqual(['a', 'c', 'd'])
    expect(todos.get('a')?.title).toBe('changed')
    expect(todos.utils.stats().received).toBe(2)
    rows.unsubscribe()
  })

  test('are shown by no collection of other rows', async () => {
    const server = open()
    const client = server.client()
    client.hydrate([server.snapshot({ table: 'todos', where: { title: 'a' } })])
    const [all, some] = [
      todosOf(client),
      db.createCollection(doCollectionOptions({ client, table: 'todos', where: { title: 'a' } })),
    ]
    all.subscribeChanges(() => {})
    some.subscribeChanges(() => {})
    expect([all.size, some.size]).toEqual([0, 1])
    await until(() => expect(all.size).toBe(3))
    expect(keysOf(some)).toEqual(['a'])
  })

  test('render on a server, and nothing else happens there [J6]', async () => {
    const server = open()
    const where = { done: false }
    const snapshots = [
      server.snapshot({ table: 'todos' }),
      server.snapshot({
        table: 'todos',
        where,
        orderBy: [{ column: 'title', direction: 'desc', nulls: 'first', stringSort: 'lexical' }],
        limit: 2,
      }),
    ]
    vi.spyOn(console, 'warn').mockReturnValue()
    const timers = vi.spyOn(globalThis, 'setTimeout')
    const client = createSync<TodoApi>({ url: 'ws://x/sync' }).room('home')
    client.hydrate(snapshots.map(fromPage))
    const first = (collection: ReturnType<typeof todosOf>) =>
      db.createLiveQueryCollection({
        query: (q) =>
          q
            .from({ t: collection })
            .where(({ t }) => db.eq(t.done, false))
            .orderBy(({ t }) => t.title, { direction: 'desc', stringSort: 'lexical' })
            .limit(2),
        startSync: true,
        // A live query has a timer of its own otherwise.
        gcTime: 0,
      })
    const eager = first(todosOf(client))
    await eager.preload()
    expect([...eager.values()].map(({ id }) => id)).toEqual(['c', 'b'])
    const source = db.createCollection({
      ...doCollectionOptions({ client, table: 'todos', syncMode: 'on-demand' }),
      autoIndex: 'eager',
      defaultIndexType: db.BasicIndex,
    })
    // The spread has lost that keys are text.
    const onDemand = first(source as object as ReturnType<typeof todosOf>)
    await onDemand.preload()
    expect([...onDemand.values()].map(({ id }) => id)).toEqual(['c', 'b'])
    expect(timers).not.toHaveBeenCalled()
    expect(client.status.get()).toEqual({ state: 'idle' })
  })

  test('are kept on the device like others, once the server has been there', async () => {
    const server = open()
    const kept = {
      storage: memoryDevice('me'),
      settleOn: 'server',
      keptAs: { endpoint: 'x', room: 'home' },
    } as const
    const before = server.client(kept)
    before.hydrate(fromPage(server.snapshot({ table: 'todos' })))
    const shown = todosOf(before)
    const seen: number[] = []
    shown.subscribeChanges(() => void seen.push(shown.size))
    expect(shown.size).toBe(3)
    await until(() => expect(shown.utils.syncState.get().phase).toBe('live'))
    expect(new Set([...seen, shown.size])).toEqual(new Set([3]))
    await before.close()
    server.disconnect()
    const after = todosOf(server.client(kept))
    await after.preload()
    expect(keysOf(after)).toEqual(['a', 'b', 'c'])
  })

  test('do not take what a device has kept back in time [J3]', async () => {
    const server = open()
    const kept = {
      storage: memoryDevice('me'),
      settleOn: 'server',
      keptAs: { endpoint: 'x', room: 'home' },
    } as const
    const old = fromPage(server.snapshot({ table: 'todos' }))
    const before = server.client(kept)
    const first = todosOf(before)
    await first.preload()
    server.put('todos', todo('d'))
    server.delete('todos', 'a')
    await until(() => expect(keysOf(first)).toEqual(['b', 'c', 'd']))
    await before.close()
    const after = server.client(kept)
    after.hydrate(old)
    const todos = todosOf(after)
    todos.subscribeChanges(() => {})
    await until(() => expect(todos.utils.syncState.get().phase).toBe('live'))
    expect(keysOf(todos)).toEqual(['b', 'c', 'd'])
  })

  test('are not shown over newer ones of the device, also where the server cannot be asked [J3, J7]', async () => {
    const server = open()
    const kept = {
      storage: memoryDevice('me'),
      settleOn: 'server',
      keptAs: { endpoint: 'x', room: 'home' },
    } as const
    const old = fromPage(server.snapshot({ table: 'todos' }))
    const before = server.client(kept)
    const first = todosOf(before)
    await first.preload()
    server.put('todos', todo('d'))
    server.delete('todos', 'a')
    await until(() => expect(keysOf(first)).toEqual(['b', 'c', 'd']))
    await before.close()
    server.disconnect()
    const after = server.client(kept)
    after.hydrate(old)
    const todos = todosOf(after)
    todos.subscribeChanges(() => {})
    await until(() => expect(keysOf(todos)).toEqual(['b', 'c', 'd']))
    server.put('todos', todo('e'))
    server.reconnect()
    await until(() => expect(keysOf(todos)).toEqual(['b', 'c', 'd', 'e']))
    expect(todos.utils.stats().received).toBe(1)
  })

  test.each([
    ['nothing', null],
    ['no snapshot', { rows: [] }],
    ['one of another version', (snapshot: Snapshot) => ({ ...snapshot, v: 99 })],
    ['one whose rows are broken', (snapshot: Snapshot) => ({ ...snapshot, blocks: [{ cols: 'id', up: 1 }] })],
    ['one whose rows have no key', (snapshot: Snapshot) => ({ ...snapshot, key: 'uid' })],
    ['one that has cells of no column', withRow(['a', 'a', 0, 1])],
    ['one that has fewer cells than columns', withRow(['a'])],
    ['a window that does not say where it ends', windowed],
  ])('that are %s are said, and the rows come from the server [J4]', async (_name, given) => {
    const server = open()
    const { client, reported } = reporting(server)
    const snapshot = server.snapshot({ table: 'todos' })
    client.hydrate((typeof given === 'function' ? given(snapshot) : given) as Snapshot)
    expect(reported).toMatchObject([{ name: 'ProtocolError', code: 'snapshot-invalid' }])
    const todos = todosOf(client)
    await todos.preload()
    expect(keysOf(todos)).toEqual(['a', 'b', 'c'])
  })

  test('under a key column that the application does not know are said, and the rows come from the server [J4]', async () => {
    const server = open()
    const { client, reported } = reporting(server)
    const snapshot = server.snapshot({ table: 'todos' })
    const blocks = snapshot.blocks.map((block) => ({ ...block, cols: ['uid', ...block.cols.slice(1)] }))
    client.hydrate({ ...snapshot, key: 'uid', blocks })
    const todos = todosOf(client)
    await todos.preload()
    expect(reported).toMatchObject([{ code: 'key-mismatch' }])
    expect(keysOf(todos)).toEqual(['a', 'b', 'c'])
    expect(todos.utils.syncState.get().phase).toBe('live')
  })

  test('rows that a device has kept under another key column do not break the collection', async () => {
    const rows = [todo('a'), todo('b')].map(({ id, ...others }) => ({ uid: id, ...others }))
    const device = memoryDevice('me')
    const keptAs = { endpoint: 'x', room: 'home' }
    const kept = { storage: device, settleOn: 'server', keptAs } as const
    const old = createTestServer<EarlierApi>({
      collections: { todos: { pk: 'uid', columns: { done: 'boolean' }, rows } },
    })
    servers.push(old)
    const before = old.client(kept)
    const getKey = ({ uid }: { readonly uid: string }) => uid
    const first = db.createCollection(doCollectionOptions({ client: before, table: 'todos', getKey }))
    await first.preload()
    await before.close()
    const server = open()
    const { client, reported } = reporting(server, kept)
    const todos = todosOf(client)
    todos.subscribeChanges(() => {})
    await until(() => expect(todos.utils.syncState.get().phase).toBe('live'))
    expect(keysOf(todos)).toEqual(['a', 'b', 'c'])
    expect(reported).toMatchObject([{ code: 'key-mismatch' }])
  })

  test('and are those of another user are not shown [J9]', async () => {
    const server = open()
    const { client, reported } = reporting(server, {
      storage: memoryDevice('ada'),
      settleOn: 'server',
      keptAs: { endpoint: 'x', room: 'home' },
    })
    client.hydrate(server.snapshot({ table: 'todos' }))
    expect(reported).toMatchObject([{ code: 'snapshot-invalid' }])
    const todos = todosOf(client)
    todos.subscribeChanges(() => {})
    expect(todos.size).toBe(0)
  })

  test('of a position that is gone are replaced without being taken away first [J2]', async () => {
    const server = open()
    const snapshot = server.snapshot({ table: 'todos' })
    server.delete('todos', 'a')
    const client = server.client()
    client.hydrate({ ...snapshot, blocks: snapshot.blocks, at: '0.other.room' as Snapshot['at'] })
    const todos = todosOf(client)
    const sizes: number[] = []
    todos.subscribeChanges(() => void sizes.push(todos.size))
    await until(() => expect(keysOf(todos)).toEqual(['b', 'c']))
    expect(sizes).not.toContain(0)
  })

  test('are forgotten after ten seconds, each for itself: later they would be a step back', async () => {
    vi.useFakeTimers()
    const server = open()
    const client = server.client()
    const seen = (where?: object) => {
      const options = doCollectionOptions({ client, table: 'todos', ...(where ? { where } : {}) })
      const todos = db.createCollection(options)
      todos.subscribeChanges(() => {})
      return todos.size
    }
    const where = { title: 'a' }
    client.hydrate(server.snapshot({ table: 'todos' }))
    await vi.advanceTimersByTimeAsync(9_000)
    // Another page of the same application, with rows of its own.
    client.hydrate(server.snapshot({ table: 'todos', where }))
    server.disconnect()
    await vi.advanceTimersByTimeAsync(1_000)
    expect([seen(), seen(where)]).toEqual([0, 1])
    await vi.advanceTimersByTimeAsync(9_000)
    expect(seen(where)).toBe(0)
  })

  test('are not taken a second time: a component hands them over whenever it renders', async () => {
    vi.useFakeTimers()
    const server = open()
    const client = server.client()
    const snapshot = server.snapshot({ table: 'todos' })
    client.hydrate(snapshot)
    await vi.advanceTimersByTimeAsync(10_000)
    client.hydrate(snapshot)
    const todos = todosOf(client)
    todos.subscribeChanges(() => {})
    expect(todos.size).toBe(0)
  })

  test.each(['logout', 'close'] as const)(
    'are not shown after %s any more, and no timer is left',
    async (end) => {
      vi.useFakeTimers()
      const server = open()
      const client = server.client()
      client.hydrate(server.snapshot({ table: 'todos' }))
      await client[end]()
      client.hydrate(server.snapshot({ table: 'todos' }))
      expect(vi.getTimerCount()).toBe(0)
      const todos = todosOf(client)
      todos.subscribeChanges(() => {})
      expect(todos.size).toBe(0)
    },
  )
})

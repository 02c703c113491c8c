import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import * as newest from '@tanstack/db'
import * as oldest from 'tanstack-db-oldest'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { doCollectionOptions } from '../collection/do-collection-options.ts'
import { indexedDBStorage } from '../persistence/indexeddb-storage.ts'
import { sharedCollection } from '../shared/shared-collection.ts'
import { WebSocketTransport } from '../transport/websocket-transport.ts'
import { createSync } from './create-sync.ts'
import { defaultEnvironment } from './environment.ts'
import { SyncClient } from './sync-client.ts'
import { type TodoApi, todo } from './testing/todo-room.ts'

const versions = [
  ['0.15.2', newest],
  ['0.9.2', oldest as unknown as typeof newest],
] as const

/** What was used of the platform. */
let used: string[] = []

/** A global that says so when it is called, made, or looked into. */
function trap(name: string): void {
  const say = (how: string) => {
    used.push(`${name} ${how}`)
    throw new Error(`${name} was used on a server`)
  }
  const trapped = new Proxy(() => {}, {
    apply: () => say('called'),
    construct: () => say('made'),
    get: (_, property) => say(String(property)),
    has: (_, property) => say(String(property)),
  })
  vi.stubGlobal(name, trapped)
}

const TIMERS = ['setTimeout', 'setInterval', 'setImmediate', 'requestIdleCallback']
const BROWSER = [
  'WebSocket',
  'fetch',
  'indexedDB',
  'BroadcastChannel',
  'localStorage',
  'location',
  'addEventListener',
]

beforeEach(() => {
  used = []
  for (const name of [...TIMERS, ...BROWSER]) trap(name)
  const navigator = {
    userAgent: 'Node.js/22',
    get onLine() {
      used.push('navigator.onLine')
      return true
    },
    get locks() {
      used.push('navigator.locks')
      return undefined
    },
    get storage() {
      used.push('navigator.storage')
      return undefined
    },
  }
  vi.stubGlobal('navigator', navigator)
})
afterEach(() => {
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
})

/** Node hides its collector. */
async function collectGarbage(): Promise<void> {
  setFlagsFromString('--expose_gc')
  const collect = runInNewContext('gc') as () => void
  for (let i = 0; i < 3; i++) {
    // A reference that was looked at lives until its task ends.
    await new Promise((resolve) => setTimeoutHere(resolve, 1))
    collect()
  }
}

const setTimeoutHere = globalThis.setTimeout
const turns = async () => {
  for (let i = 0; i < 50; i++) await Promise.resolve()
}

/** An app as it is written for a page, with all that outlives it. */
const app = () =>
  createSync<TodoApi>({
    url: '/sync',
    getToken: () => 'ada',
    storage: indexedDBStorage({ name: 'app', user: 'ada' }),
    settleOn: 'device',
  })

describe.each(versions)('on a server, with @tanstack/db %s', (_, db) => {
  test.each(['eager', 'on-demand'] as const)(
    'rendering an %s collection over and over opens nothing, waits for nothing, and never rejects',
    async (syncMode) => {
      const sync = app()
      const client = sync.room('home')
      const settled: string[] = []
      // Of TanStack DB, of windows without an index.
      vi.spyOn(console, 'warn').mockReturnValue()
      for (let i = 0; i < 100; i++) {
        const collection = db.createCollection(doCollectionOptions({ client, table: 'todos', syncMode }))
        const live = db.createLiveQueryCollection({
          query: (q) =>
            q
              .from({ t: collection })
              .orderBy(({ t }) => t.title)
              .limit(3),
          startSync: true,
        })
        live.preload().then(
          () => settled.push('ready'),
          (error: unknown) => settled.push(String(error)),
        )
        expect([...live.values()]).toEqual([])
        expect(collection.status).toBe(syncMode === 'eager' ? 'loading' : 'ready')
        expect(collection.utils.syncState.get()).toEqual({ phase: 'idle' })
      }
      await turns()
      expect(settled).toEqual([])
      expect(used).toEqual([])
      expect(client.status.get()).toEqual({ state: 'idle' })
    },
  )

  test('what is shown of a client and of all rooms can be read, watched, and left', async () => {
    const sync = app()
    const client = sync.room('home')
    const { status, pendingWrites, failedWrites, tab } = client
    const readables = [
      status,
      pendingWrites,
      failedWrites,
      tab,
      sync.pendingWrites,
      sync.failedWrites,
      sync.storage,
    ]
    for (const { get, subscribe } of readables) {
      get()
      subscribe(() => {})()
    }
    sync.start()
    sync.retain('home')()
    client.resume({ token: 'x' })
    expect(await sync.flush()).toEqual({ sent: 0, left: 0 })
    expect(await sync.storage.usage()).toBeUndefined()
    for (const act of ['retryFailed', 'discardFailed', 'discardPending'] as const)
      await expect(client[act]('x')).rejects.toMatchObject({ code: 'write-on-server' })
    await client.close()
    await sync.logout()
    await turns()
    expect(used).toEqual([])
  })

  test('who is signed in need not be known, as a module of a page cannot know it there', async () => {
    const user = (globalThis as { readonly user?: string }).user ?? ''
    const storage = indexedDBStorage({ name: 'app', user })
    const sync = createSync<TodoApi>({ url: '/sync', storage, settleOn: 'device' })
    const client = sync.room('home')
    db.createCollection(doCollectionOptions({ client, table: 'todos' })).subscribeChanges(() => {})
    await turns()
    expect(sync.storage.get()).toEqual({ health: { is: 'idle' }, persisted: 'unknown' })
    expect(used).toEqual([])
    vi.stubGlobal('document', {})
    expect(() => indexedDBStorage({ name: 'app', user })).toThrow(
      expect.objectContaining({ code: 'storage-user-missing' }),
    )
  })

  test('a write and a command are refused, with the way out', async () => {
    const client = new SyncClient<TodoApi>({ transport: new WebSocketTransport({ url: 'ws://x/sync/home' }) })
    const todos = db.createCollection(doCollectionOptions({ client, table: 'todos' }))
    const { isPersisted } = todos.insert(todo('a'))
    const refusal = {
      name: 'ProtocolError',
      code: 'write-on-server',
      message: expect.stringContaining('`WebSocket`'),
    }
    await expect(isPersisted.promise).rejects.toMatchObject(refusal)
    await expect(client.call.touch()).rejects.toMatchObject(refusal)
    expect(todos.has('a')).toBe(false)
    expect(client.pendingWrites.get().count).toBe(0)
    await client.close()
    expect(client.status.get()).toEqual({ state: 'closed' })
    expect(used).toEqual([])
  })

  test('what was rendered is let go of, although nobody has ended it', async () => {
    const client = app().room('home')
    const rendered: WeakRef<object>[] = []
    const render = (syncMode: 'eager' | 'on-demand') => {
      const { collection } = sharedCollection(client, { table: 'todos', syncMode }, (options) =>
        db.createCollection(options),
      )
      // Not a live query: 0.9 keeps those itself until they are cleaned up.
      collection.subscribeChanges(() => {})
      rendered.push(new WeakRef(collection))
    }
    for (let i = 0; i < 20; i++) {
      render('eager')
      render('on-demand')
    }
    await collectGarbage()
    const left = rendered.filter((each) => each.deref() !== undefined)
    // What was made last may still be on the stack.
    expect(left.length).toBeLessThan(5)
    expect(client.status.get()).toEqual({ state: 'idle' })
  })

  test('clients of requests are let go of, although one storage was made for all of them', async () => {
    const storage = indexedDBStorage({ name: 'app', user: 'ada' })
    const rooms: WeakRef<object>[] = []
    const request = () => {
      const client = createSync<TodoApi>({ url: '/sync', storage, settleOn: 'device' }).room('home')
      const { collection } = sharedCollection(client, { table: 'todos' }, (options) =>
        db.createCollection(options),
      )
      collection.subscribeChanges(() => {})
      rooms.push(new WeakRef(client))
    }
    for (let i = 0; i < 40; i++) request()
    await collectGarbage()
    expect(rooms.filter((each) => each.deref() !== undefined).length).toBeLessThan(5)
    expect(used).toEqual([])
  })

  test('nothing of one request is there for another: shared collections are not shared, nor remembered', () => {
    const client = app().room('home')
    const [one, other] = [1, 2].map(() =>
      sharedCollection(client, { table: 'todos' }, (options) => db.createCollection(options)),
    )
    expect(one?.collection).not.toBe(other?.collection)
    const release = one?.retain()
    release?.()
    release?.()
    expect(used).toEqual([])
  })

  test('a program that hands in its WebSocket class is no server', async () => {
    vi.unstubAllGlobals()
    const WebSocket = vi.fn(function open() {
      return new EventTarget()
    })
    const client = new SyncClient<TodoApi>({
      transport: new WebSocketTransport({ url: 'ws://x/sync/home', WebSocket }),
    })
    const todos = db.createCollection(doCollectionOptions({ client, table: 'todos' }))
    const rows = todos.subscribeChanges(() => {})
    await vi.waitFor(() => expect(WebSocket).toHaveBeenCalled())
    rows.unsubscribe()
    await client.close()
  })
})

test.each([
  ['Node without a navigator', {}, 'server'],
  ['Node', { navigator: { userAgent: 'Node.js/22' } }, 'server'],
  [
    'a Worker of Cloudflare',
    { navigator: { userAgent: 'Cloudflare-Workers' }, WorkerGlobalScope: {} },
    'server',
  ],
  ['Deno', { navigator: { userAgent: 'Deno/2.1' }, WorkerGlobalScope: {} }, 'server'],
  ['a page', { document: {}, navigator: { userAgent: 'Mozilla/5.0' } }, 'page'],
  ['a test in jsdom', { document: {}, navigator: { userAgent: 'Mozilla/5.0 (linux) jsdom' } }, 'page'],
  ['a worker of a page', { navigator: { userAgent: 'Mozilla/5.0' }, WorkerGlobalScope: {} }, 'page'],
  ['React Native', { navigator: { product: 'ReactNative' } }, 'page'],
])('%s is told by its globals', (_, globals, place) => {
  vi.unstubAllGlobals()
  vi.stubGlobal('navigator', undefined)
  for (const [name, value] of Object.entries(globals)) vi.stubGlobal(name, value)
  expect(defaultEnvironment().place).toBe(place)
})

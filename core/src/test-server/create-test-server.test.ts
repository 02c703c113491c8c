import * as newest from '@tanstack/db'
import * as oldest from 'tanstack-db-oldest'
import { afterEach, describe, expect, expectTypeOf, test, vi } from 'vitest'
import type { SyncClient } from '../client/sync-client.ts'
import { doCollectionOptions } from '../collection/do-collection-options.ts'
import { MutationRejectedError } from '../errors.ts'
import { memoryDevice } from '../persistence/memory-device.ts'
import { createTestServer } from './index.ts'
import { TestRoom } from './test-room.ts'

interface Task {
  id: string
  title: string
  done: boolean
  dueAt: Date | null
}

interface Api {
  readonly collections: {
    readonly tasks: { readonly row: Task; readonly key: 'id' }
    readonly labels: { readonly row: { name: string; size: bigint }; readonly key: 'name' }
  }
  readonly commands: {
    readonly clear: { readonly args: { before: number }; readonly result: number }
    readonly fail: { readonly args: undefined; readonly result: undefined }
    readonly unwritten: { readonly args: undefined; readonly result: undefined }
  }
}

const task = (id: string, given: Partial<Task> = {}): Task => ({
  id,
  title: id,
  done: false,
  dueAt: null,
  ...given,
})

const versions = [
  ['0.15.2', newest],
  ['0.9.2', oldest as unknown as typeof newest],
] as const

const servers: { close(): Promise<void> }[] = []
afterEach(async () => void (await Promise.all(servers.splice(0).map((server) => server.close()))))

function open() {
  const server = createTestServer<Api>({
    collections: {
      tasks: { columns: { done: 'boolean', dueAt: 'date' }, rows: [task('a', { dueAt: new Date(5) })] },
      labels: { pk: 'name', columns: { size: 'bigint' } },
    },
    commands: {
      clear: ({ before }, server) => {
        const old = server.rows('tasks').filter(({ dueAt }) => Number(dueAt) < before)
        server.delete('tasks', ...old.map(({ id }) => id))
        return old.length
      },
      fail: () => {
        throw new MutationRejectedError('too-late', 'It is too late', { by: 3 })
      },
    },
  })
  servers.push(server)
  return server
}

const until = (check: () => unknown) => vi.waitFor(check, { timeout: 10_000, interval: 1 })

describe.each(versions)('an object in memory, under @tanstack/db %s', (_, db) => {
  const tasksOf = (client: SyncClient<Api>) =>
    db.createCollection(doCollectionOptions({ client, table: 'tasks' }))

  test('shows its rows to every client, and what one of them writes to the others', async () => {
    const server = open()
    const [one, other] = [tasksOf(server.client()), tasksOf(server.client())]
    await Promise.all([one.preload(), other.preload()])
    expect(one.get('a')).toMatchObject(task('a', { dueAt: new Date(5) }))
    await one.insert(task('b')).isPersisted.promise
    await one.update('a', (draft) => {
      draft.done = true
    }).isPersisted.promise
    await until(() => expect([...other.values()]).toMatchObject([{ id: 'a', done: true }, { id: 'b' }]))
    expect(server.rows('tasks')).toEqual([task('a', { done: true, dueAt: new Date(5) }), task('b')])
    await other.delete('a').isPersisted.promise
    await until(() => expect(one.has('a')).toBe(false))
    expect([server.connections, server.subscriptions]).toEqual([2, 2])
  })

  test('what somebody else changes arrives at once, under whatever key', async () => {
    const server = open()
    const client = server.client()
    const labels = db.createCollection(
      doCollectionOptions({ client, table: 'labels', getKey: ({ name }) => name }),
    )
    await labels.preload()
    server.put('labels', { name: 'red', size: 2n ** 60n }, { name: 'blue', size: 1n })
    await until(() => expect(labels.get('red')?.size).toBe(2n ** 60n))
    server.delete('labels', 'red')
    await until(() => expect([...labels.keys()]).toEqual(['blue']))
  })

  test('evaluates filters and windows', async () => {
    const server = open()
    for (let i = 0; i < 50; i++)
      server.put('tasks', task(`k${String(i).padStart(2, '0')}`, { done: i % 2 > 0 }))
    const tasks = db.createCollection({
      ...doCollectionOptions({
        client: server.client(),
        table: 'tasks',
        syncMode: 'on-demand',
        where: { done: true },
      }),
      autoIndex: 'eager',
      defaultIndexType: db.BasicIndex,
    })
    const first = db.createLiveQueryCollection((q) =>
      q
        .from({ t: tasks })
        .orderBy(({ t }) => t.title, { stringSort: 'lexical' })
        .limit(3),
    )
    await first.preload()
    expect([...first.values()].map(({ id }) => id)).toEqual(['k01', 'k03', 'k05'])
    expect(tasks.size).toBeLessThan(10)
    await first.cleanup()
  })

  test('refuses the next writes as it is told, one for each time', async () => {
    const server = open()
    const tasks = tasksOf(server.client())
    await tasks.preload()
    server.rejectNext()
    server.rejectNext({ code: 'full', message: 'No more tasks', details: { most: 1 } })
    const [first, second, third] = ['b', 'c', 'd'].map((id) => tasks.insert(task(id)).isPersisted.promise)
    await expect(first).rejects.toMatchObject({ code: 'denied', reason: 'not allowed' })
    await expect(second).rejects.toMatchObject({
      code: 'full',
      reason: 'No more tasks',
      details: { most: 1 },
    })
    await third
    expect(server.rows('tasks').map(({ id }) => id)).toEqual(['a', 'd'])
    await until(() => expect([...tasks.keys()]).toEqual(['a', 'd']))
  })

  test('a write that does not fit its rows is refused whole, as an object would', async () => {
    const server = open()
    const client = server.client()
    const tasks = tasksOf(client)
    await tasks.preload()
    server.hold()
    server.put('tasks', task('b'))
    const tx = db.createTransaction({ mutationFn: client.mutationFn, autoCommit: false })
    tx.mutate(() => {
      tasks.insert(task('c'))
      tasks.insert(task('b'))
    })
    const committed = tx.commit()
    const ended = expect(Promise.all([committed, tx.isPersisted.promise])).rejects.toMatchObject({
      code: 'constraint-failed',
    })
    server.release()
    await ended
    expect(server.rows('tasks').map(({ id }) => id)).toEqual(['a', 'b'])
  })

  test('while it holds back, writes are pending and have happened', async () => {
    const server = open()
    const client = server.client()
    const tasks = tasksOf(client)
    await tasks.preload()
    server.hold()
    const { isPersisted } = tasks.insert(task('b'))
    await until(() => expect(server.rows('tasks')).toHaveLength(2))
    expect(client.pendingWrites.get()).toMatchObject({ count: 1, items: [{ state: 'sent' }] })
    const late = tasksOf(server.client())
    const loaded = late.preload()
    await until(() => expect(server.connections).toBe(2))
    expect(late.status).toBe('loading')
    server.release()
    await Promise.all([isPersisted.promise, loaded])
    expect(client.pendingWrites.get().count).toBe(0)
  })

  test('without a network clients say so; with one again everything goes on, and nothing happens twice', async () => {
    const server = open()
    const client = server.client()
    const tasks = tasksOf(client)
    await tasks.preload()
    server.hold()
    const sent = tasks.insert(task('b')).isPersisted.promise
    await until(() => expect(server.rows('tasks')).toHaveLength(2))
    server.disconnect()
    expect(server.connections).toBe(0)
    await until(() => expect(client.status.get().state).toBe('disconnected'))
    expect(server.connections).toBe(0)
    const unsent = tasks.insert(task('c')).isPersisted.promise
    server.put('tasks', task('d'))
    server.release()
    server.reconnect()
    await Promise.all([sent, unsent])
    expect(client.status.get().state).toBe('connected')
    await until(() => expect([...tasks.keys()].sort()).toEqual(['a', 'b', 'c', 'd']))
    expect(server.rows('tasks').map(({ id }) => id)).toEqual(['a', 'b', 'c', 'd'])
  })

  test('a table that is not served refuses its collections, also those that show it, until it is', async () => {
    const error = vi.spyOn(console, 'error').mockReturnValue()
    const server = open()
    const client = server.client()
    const tasks = tasksOf(client)
    await tasks.preload()
    server.refuse('tasks')
    const { syncState } = tasks.utils
    await until(() =>
      expect(syncState.get()).toMatchObject({ phase: 'error', error: { code: 'read-denied' } }),
    )
    server.serve('tasks')
    server.disconnect()
    server.reconnect()
    await until(() => expect(syncState.get()).toEqual({ phase: 'live' }))
    error.mockRestore()
  })

  test('runs the commands of the test, and refuses others', async () => {
    const server = open()
    const client = server.client()
    const tasks = tasksOf(client)
    await tasks.preload()
    expect(await client.call.clear({ before: 10 })).toBe(1)
    expect(tasks.size).toBe(0)
    await expect(client.call.fail()).rejects.toMatchObject({ code: 'too-late', details: { by: 3 } })
    await expect(client.call.unwritten()).rejects.toMatchObject({ code: 'unknown-command' })
  })

  test('a client with a storage finds what it has kept', async () => {
    const server = createTestServer<Api>({
      collections: { tasks: { columns: { done: 'boolean', dueAt: 'date' }, rows: [task('a')] } },
      user: 'ada',
    })
    servers.push(server)
    const kept = {
      storage: memoryDevice('ada'),
      settleOn: 'device',
      keptAs: { endpoint: 'x', room: 'home' },
    } as const
    const before = server.client(kept)
    await tasksOf(before).preload()
    server.disconnect()
    await tasksOf(before).insert(task('b')).isPersisted.promise
    await before.close()
    const after = tasksOf(server.client(kept))
    await after.preload()
    expect([...after.keys()]).toEqual(['a', 'b'])
    server.reconnect()
    await until(() => expect(server.rows('tasks')).toHaveLength(2))
  })
})

test('a write that comes again is answered with the first outcome, and nothing runs [C4]', () => {
  const room = new TestRoom()
  const op = { collection: 'tasks', type: 'insert', key: 'a', cols: { id: 'a' } } as const
  const item = { do: 'mutate', cid: 'c', n: 1, ops: [op] } as const
  expect([room.outcomeOf(item), room.outcomeOf(item)]).toEqual([{ is: 'committed' }, { is: 'committed' }])
  const again = { ...item, n: 2 }
  const refused = room.outcomeOf(again)
  room.remove('tasks', 'a')
  expect(refused).toMatchObject({ is: 'rejected', code: 'constraint-failed' })
  expect(room.outcomeOf(again)).toEqual(refused)
  expect([room.outcomeOf({ ...item, n: 4 }), room.expected('c')]).toEqual([undefined, 3])
})

test('misuse is said where it happens', () => {
  const server = open()
  const unknown = expect.objectContaining({ name: 'ProtocolError', code: 'unknown-collection' })
  for (const misuse of [
    () => server.rows('other' as 'tasks'),
    () => server.put('other' as 'tasks', task('a')),
    () => server.delete('other' as 'tasks', 'a'),
    () => server.refuse('other' as 'tasks'),
    () => server.serve('toString' as 'tasks'),
  ])
    expect(misuse).toThrow(unknown)
  expect(() => server.put('tasks', task(''))).toThrow(expect.objectContaining({ code: 'key-invalid' }))
  const invalid = task('b', { dueAt: new Date(Number.NaN) })
  expect(() => server.put('tasks', task('c'), invalid)).toThrow(
    expect.objectContaining({ code: 'value-invalid' }),
  )
  expect(server.rows('tasks')).toHaveLength(1)
})

test('a collection of a table that the test does not name is refused as by an object', async () => {
  const error = vi.spyOn(console, 'error').mockReturnValue()
  const server = createTestServer<Api>({ collections: {} })
  servers.push(server)
  const tasks = newest.createCollection(doCollectionOptions({ client: server.client(), table: 'tasks' }))
  const rows = tasks.subscribeChanges(() => {})
  await until(() =>
    expect(tasks.utils.syncState.get()).toMatchObject({ error: { code: 'unknown-collection' } }),
  )
  rows.unsubscribe()
  error.mockRestore()
})

test('closing leaves no connection and no timer', async () => {
  const server = open()
  const tasks = newest.createCollection(doCollectionOptions({ client: server.client(), table: 'tasks' }))
  await tasks.preload()
  vi.useFakeTimers()
  const other = newest.createCollection(doCollectionOptions({ client: server.client(), table: 'tasks' }))
  const loaded = other.preload()
  await vi.advanceTimersByTimeAsync(10)
  await loaded
  await server.close()
  expect([server.connections, vi.getTimerCount()]).toEqual([0, 0])
  vi.useRealTimers()
})

test('rows, keys and commands are those of the registry', () => {
  const server = open()
  expectTypeOf(server.rows('tasks')).toEqualTypeOf<Task[]>()
  expectTypeOf(server.client()).toEqualTypeOf<SyncClient<Api>>()
  // @ts-expect-error there is no such table
  expect(() => server.put('other', task('a'))).toThrow()
  // @ts-expect-error a label is no task
  expect(() => server.put('tasks', { name: 'red', size: 1n })).toThrow()
  // @ts-expect-error there is no such column
  createTestServer<Api>({ collections: { tasks: { columns: { don: 'boolean' } } } })
})

test('tables and columns may be called as what every object inherits', async () => {
  const rows: readonly object[] = [{ id: 'a', toString: 'x' }, { id: 'b' }]
  const server = createTestServer({ collections: { constructor: { rows } } })
  servers.push(server)
  const client = server.client()
  const shown = (where: object) => {
    const getKey = (row: object) => String('id' in row && row.id)
    return newest.createCollection(doCollectionOptions({ client, table: 'constructor', where, getKey }))
  }
  const odd = shown({ toString: 'x' })
  const without = shown({ toString: null })
  await without.preload()
  expect([...without.keys()]).toEqual(['b'])
  await odd.preload()
  expect([...odd.values()]).toMatchObject([{ id: 'a', toString: 'x' }])
  await odd.insert({ id: 'c', toString: 'x', valueOf: 1 } as object).isPersisted.promise
  server.put('constructor', { id: 'd', toString: 'x' })
  await until(() => expect([...odd.keys()].sort()).toEqual(['a', 'c', 'd']))
  expect(server.rows('constructor').map((row) => Object.entries(row))).toEqual([
    [
      ['id', 'a'],
      ['toString', 'x'],
    ],
    [['id', 'b']],
    [
      ['id', 'c'],
      ['toString', 'x'],
      ['valueOf', 1],
    ],
    [
      ['id', 'd'],
      ['toString', 'x'],
    ],
  ])
  server.delete('constructor', 'a')
  await until(() => expect(odd.has('a')).toBe(false))
})

test('a snapshot is refused where that of an object would be', () => {
  const server = open()
  const orderBy = [{ column: 'title', stringSort: 'lexical' }] as const
  expect(() => server.snapshot({ table: 'tasks', limit: 1 })).toThrow(/\(frame-invalid\)/)
  expect(() => server.snapshot({ table: 'tasks', orderBy })).toThrow(/\(frame-invalid\)/)
  expect(() => server.snapshot({ table: 'tasks', where: {} })).toThrow(/\(predicate-unsupported\)/)
  server.refuse('tasks')
  expect(() => server.snapshot({ table: 'tasks' })).toThrow(/\(read-denied\)/)
  server.serve('tasks')
  expect(server.snapshot({ table: 'tasks' }).blocks[0]?.up).toHaveLength(1)
})

import * as newest from '@tanstack/db'
import * as oldest from 'tanstack-db-oldest'
import { afterEach, beforeAll, beforeEach, describe, expect, expectTypeOf, test, vi } from 'vitest'
import { openRoom, row, type Todo, type TodoApi, todo } from '../client/testing/todo-room.ts'
import type { DoCollectionOptions } from '../collection/do-collection-options.ts'
import { FILTERS } from '../collection/filter-part.ts'
import { filter } from '../wire/index.ts'
import { type SharedCollectionSpec, sharedCollection } from './shared-collection.ts'

const GRACE_MS = 5_000
const versions = [
  ['0.15.2', newest],
  ['0.9.2', oldest as unknown as typeof newest],
] as const

const opened: { close(): Promise<void> }[] = []
const open = () => {
  const room = openRoom()
  opened.push(room.client)
  return room
}
type Room = ReturnType<typeof open>
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)

beforeAll(() => FILTERS.load())
beforeEach(() => void vi.useFakeTimers())
afterEach(async () => {
  await Promise.all(opened.splice(0).map((client) => client.close()))
  vi.useRealTimers()
})

describe.each(versions)('with @tanstack/db %s', (_, db) => {
  const todosOf = ({ client }: Room, spec: Omit<SharedCollectionSpec<TodoApi, 'todos'>, 'table'> = {}) =>
    sharedCollection(client, { table: 'todos', ...spec }, (options) => db.createCollection(options))

  test('the same rows are the same collection; other rows, or rows held otherwise, are another one', () => {
    const room = open()
    const { collection } = todosOf(room)
    expect(todosOf(room, { syncMode: 'eager' }).collection).toBe(collection)
    const same: (() => SharedCollectionSpec<TodoApi, 'todos'>['where'])[] = [
      () => ({ done: false, title: 'a' }),
      () => ({ title: 'a', done: false }),
      () => filter.and(filter.eq('title', 'a'), filter.eq('done', false)),
    ]
    expect(new Set(same.map((where) => todosOf(room, { where: where() ?? {} }).collection)).size).toBe(1)
    const others = [
      todosOf(room),
      todosOf(room, { syncMode: 'on-demand' }),
      todosOf(room, { where: { title: 'a' } }),
      todosOf(room, { where: { title: 'b' } }),
      todosOf(room, { id: 'mine' }),
      todosOf(room, { where: ({ done }) => db.eq(done, true), id: 'done' }),
      sharedCollection(room.client, { table: 'notes' }, (options) => db.createCollection(options)),
      todosOf(open()),
    ]
    expect(new Set(others.map(({ collection }) => collection)).size).toBe(others.length)
    expect(new Set(others.map(({ id }) => id)).size).toBe(others.length)
  })

  test('a filter that is a function needs an id, and with the same id it is the same collection', () => {
    const room = open()
    const where = ({ done }: Todo) => db.eq(done, true)
    expect(() => todosOf(room, { where })).toThrow(
      expect.objectContaining({ name: 'ProtocolError', code: 'collection-id-missing' }),
    )
    const done = todosOf(room, { where, id: 'done' })
    expect(todosOf(room, { where: (todo) => db.eq(todo.done, true), id: 'done' })).toBe(done)
  })

  test('with an id, rows that a function filters are others than all rows', () => {
    const room = open()
    const id = 'list'
    const open_ = todosOf(room, { id, where: ({ done }) => db.eq(done, false) })
    expect(todosOf(room, { id }).collection).not.toBe(open_.collection)
    expect(todosOf(room, { id, where: { done: false } }).collection).not.toBe(open_.collection)
  })

  test('a filter that its owner changes afterwards changes no collection that others share', async () => {
    const room = open()
    room.server.put('todos', row('a'))
    room.server.put('todos', { id: 'b', title: 'b', done: 1 })
    const where = { done: false }
    todosOf(room, { where })
    where.done = true
    const { collection } = todosOf(room, { where: { done: false } })
    collection.subscribeChanges(() => {})
    await pass(10)
    expect([...collection.keys()]).toEqual(['a'])
  })

  test('a filter that cannot be said breaks its collection and not whoever asks for it', async () => {
    const room = open()
    const title = undefined as unknown as string
    const { collection } = todosOf(room, { where: { title } })
    collection.subscribeChanges(() => {})
    expect(collection.utils.syncState.get()).toMatchObject({
      phase: 'error',
      error: { code: 'predicate-unsupported' },
    })
  })

  test('who lets go and comes back in time finds the rows where they were, over one subscription', async () => {
    const room = open()
    room.server.put('todos', row('a'))
    const first = todosOf(room)
    const release = first.retain()
    const rows = first.collection.subscribeChanges(() => {}, { includeInitialState: true })
    await pass(10)
    rows.unsubscribe()
    release()
    release()
    await pass(GRACE_MS - 1)
    const again = todosOf(room)
    expect(again).toBe(first)
    const releases = [again.retain(), again.retain()]
    releases[0]?.()
    releases[0]?.()
    await pass(3 * GRACE_MS)
    expect(again.collection.has('a')).toBe(true)
    expect(room.server.heard.filter(({ type }) => type === 'join')).toHaveLength(1)
  })

  test('a collection that nobody retains is cleaned up after the grace, and asked for anew afterwards', async () => {
    const room = open()
    room.server.put('todos', row('a'))
    const first = todosOf(room)
    const release = first.retain()
    await first.collection.preload()
    await pass(10 * GRACE_MS)
    expect(room.server.joined.size).toBe(1)
    release()
    await pass(GRACE_MS - 1)
    expect(room.server.joined.size).toBe(1)
    await pass(1)
    expect(first.collection.status).toBe('cleaned-up')
    expect(todosOf(room)).not.toBe(first)
    await pass(1_000)
    expect(room.client.status.get().state).toBe('idle')
  })

  test('a collection that was made and never retained is forgotten, too', async () => {
    const room = open()
    const first = todosOf(room)
    await pass(GRACE_MS)
    expect(todosOf(room)).not.toBe(first)
  })

  test('one that is retained only after it was forgotten is the one that others find', async () => {
    const room = open()
    room.server.put('todos', row('a'))
    const late = todosOf(room)
    await pass(GRACE_MS)
    const release = late.retain()
    expect(todosOf(room)).toBe(late)
    late.collection.subscribeChanges(() => {})
    await pass(10)
    expect(late.collection.has('a')).toBe(true)
    release()
  })

  test('one that is retained after it was forgotten does not take the place of one that others were given meanwhile', async () => {
    const room = open()
    const late = todosOf(room)
    await pass(GRACE_MS)
    const others = todosOf(room)
    const releases = [others.retain(), late.retain()]
    expect(todosOf(room)).toBe(others)
    for (const release of releases) release()
    await pass(GRACE_MS)
    expect([late.collection.status, others.collection.status]).toEqual(['cleaned-up', 'cleaned-up'])
    expect(todosOf(room)).not.toBe(others)
  })

  test('a live query keeps what it shows, however long nobody retains it', async () => {
    const room = open()
    room.server.put('todos', row('a'))
    const { collection, retain } = todosOf(room)
    const release = retain()
    const live = db.createLiveQueryCollection({ query: (q) => q.from({ t: collection }), gcTime: 1 })
    const shown = live.subscribeChanges(() => {})
    release()
    await pass(10 * GRACE_MS)
    room.server.put('todos', row('b'))
    room.server.flush()
    await pass(10)
    expect([...live.keys()].length).toBe(2)
    shown.unsubscribe()
    await pass(GRACE_MS - 1)
    expect(collection.status).toBe('ready')
    await pass(200)
    expect(collection.status).toBe('cleaned-up')
  })

  test('a write that is not settled is shown to whoever comes back before it is', async () => {
    const room = open()
    const { collection, retain } = todosOf(room)
    const release = retain()
    await collection.preload()
    room.server.passes = ({ type }) => type !== 'changes'
    const { isPersisted } = collection.insert(todo('mine'))
    release()
    await pass(10 * GRACE_MS)
    expect(todosOf(room).collection.has('mine')).toBe(true)
    room.server.release()
    await pass(10)
    await isPersisted.promise
    await pass(GRACE_MS)
    expect(collection.status).toBe('cleaned-up')
  })

  test.each(['committed', 'rolled back'] as const)(
    'what a transaction has changed is shown to whoever comes back before it is %s',
    async (end) => {
      const room = open()
      room.server.put('todos', row('a'))
      const { collection, retain } = todosOf(room)
      const release = retain()
      await collection.preload()
      const tx = db.createTransaction({ autoCommit: false, mutationFn: room.client.mutationFn })
      tx.mutate(() => {
        collection.insert(todo('mine'))
        collection.delete('a')
      })
      release()
      await pass(10 * GRACE_MS)
      expect([...todosOf(room).collection.keys()]).toEqual(['mine'])
      if (end === 'committed') void tx.commit()
      else tx.rollback()
      await tx.isPersisted.promise.catch(() => {})
      await pass(10)
      expect([...todosOf(room).collection.keys()]).toEqual([end === 'committed' ? 'mine' : 'a'])
      await pass(2 * GRACE_MS)
      expect(collection.status).toBe('cleaned-up')
    },
  )

  test('a transaction that begins while a live query alone wants the collection, and comes to nothing after it, lets go of the collection', async () => {
    const room = open()
    const { collection, retain } = todosOf(room)
    const release = retain()
    await collection.preload()
    const rows = collection.subscribeChanges(() => {})
    release()
    await pass(2 * GRACE_MS)
    const tx = db.createTransaction({ autoCommit: false, mutationFn: room.client.mutationFn })
    tx.mutate(() => collection.insert(todo('mine')))
    rows.unsubscribe()
    await pass(10 * GRACE_MS)
    expect(collection.status).toBe('ready')
    tx.rollback()
    await tx.isPersisted.promise.catch(() => {})
    await pass(GRACE_MS)
    expect(collection.status).toBe('cleaned-up')
  })

  test('whoever comes back before a transaction has ended keeps the collection after it', async () => {
    const room = open()
    const { collection, retain } = todosOf(room)
    const release = retain()
    await collection.preload()
    const tx = db.createTransaction({ autoCommit: false, mutationFn: room.client.mutationFn })
    tx.mutate(() => collection.insert(todo('mine')))
    release()
    await pass(2 * GRACE_MS)
    retain()
    await tx.commit()
    await pass(10 * GRACE_MS)
    expect(collection.status).toBe('ready')
  })

  test('closing the client leaves no timer, and letting go afterwards makes none', async () => {
    const room = open()
    const { retain } = todosOf(room)
    const release = retain()
    todosOf(room, { where: { title: 'a' } })
    await room.client.close()
    release()
    todosOf(room, { where: { title: 'b' } })
    expect(vi.getTimerCount()).toBe(0)
  })

  test('collections of two objects meet in one live query', async () => {
    const [one, other] = [open(), open()]
    one.server.put('todos', row('a', 'of one'))
    other.server.put('todos', row('a', 'of the other'))
    const [mine, theirs] = [todosOf(one).collection, todosOf(other).collection]
    const both = db.createLiveQueryCollection((q) =>
      q
        .from({ m: mine })
        .innerJoin({ t: theirs }, ({ m, t }) => db.eq(m.id, t.id))
        .select(({ m, t }) => ({ id: m.id, mine: m.title, theirs: t.title })),
    )
    const ready = both.preload()
    await pass(10)
    await ready
    expect([...both.values()]).toMatchObject([{ mine: 'of one', theirs: 'of the other' }])
    await both.cleanup()
  })
})

test('rows and key follow from the table, and what is not asked for is not taken', () => {
  const { client } = open()
  const { collection } = sharedCollection(client, { table: 'todos' }, (options) => {
    expectTypeOf(options).toEqualTypeOf<DoCollectionOptions<Todo, TodoApi>>()
    return newest.createCollection(options)
  })
  expectTypeOf(collection.get('a')?.title).toEqualTypeOf<string | undefined>()
  // @ts-expect-error there is no such table
  sharedCollection(client, { table: 'other' }, newest.createCollection)
  // @ts-expect-error a shared collection is cleaned up by whether it is retained
  const timed: SharedCollectionSpec<TodoApi, 'todos'> = { table: 'todos', gcTime: 5 }
  // @ts-expect-error there is no such column
  const misspelt: SharedCollectionSpec<TodoApi, 'todos'> = { table: 'todos', where: { titel: 'a' } }
  expect([timed, misspelt]).toHaveLength(2)
})
